// Me: who uses this phone, how it behaves, and the ways to one's own data.
import { html, nothing, type TemplateResult } from "lit";
import { all, get, put } from "../database";
import { Screen } from "../element";
import type { Profile } from "../facts";
import { installable, promptToInstall, room, type Room } from "../installing";
import { lang, link, say, told } from "../language";
import { mark } from "../marks";
import { choose, current } from "../profiles";
import { leave } from "../signing-in";

const SWITCHES: [string, boolean, string, string, string, string][] = [
  ["spoken", false, "อ่านออกเสียงเมื่อนับ", "Speak while counting", "พูดเบอร์ที่แตะทุกครั้ง", "Says the number at every tap"],
  ["haptic", true, "สั่นเมื่อแตะ", "Vibrate at a tap", "รู้ว่านับแล้วโดยไม่ต้องมองจอ", "You feel that it counted without looking"],
];

export class MeScreen extends Screen {
  protected override readonly shows = ["profiles", "settings"] as const;
  private profile: Profile | null = null;
  private profiles: Profile[] = [];
  private session = "";
  private switches = new Map<string, boolean>();
  private room: Room = { persistent: true, free: null, tight: false };

  protected override async load(): Promise<void> {
    [this.profile, this.profiles, this.room] = await Promise.all([current(), all<Profile>("profiles"), room()]);
    this.session = (await get<{ value: string }>("settings", "session"))?.value ?? "";
    for (const [name, usual] of SWITCHES) this.switches.set(name, (await get<{ value: boolean }>("settings", name))?.value ?? usual);
  }

  private async become(person: string): Promise<void> {
    await choose(person);
    location.hash = this.session === person ? "#/" : `#/sign-in/${person}`;
  }

  protected override render(): unknown {
    const { profile } = this;
    if (!profile) return nothing;
    const signed = this.session === profile.person;
    return html`<h1 tabindex="-1">${profile.name}</h1>
      <p class="lead">${told(profile.network_name)}</p>
      ${signed ? nothing : html`<a class="main" href=${`#/sign-in/${profile.person}`}>${say("เข้าใช้อีกครั้ง", "Sign in again")}</a>`}
      <ul class="rows">
        ${row("#/devices", say("เครื่องของฉัน · เครื่องหาย", "My devices · lost phone"))} ${row(link("/me"), say("วิธีเข้าใช้ · พาสคีย์", "Ways to sign in · passkeys"))} ${row("#/data", say("ข้อมูลของฉัน", "My data"))} ${row("#/friends", say("ชวนเพื่อน", "Bring friends"))} ${row("#/training", say("บทเรียน", "Training"))} ${row("#/text", say("ส่งคะแนนทาง SMS หรือ LINE", "Report by SMS or LINE"))}
        <li><a class="row" href=${`${lang() === "th" ? "/en/app" : "/app"}#/me`} lang=${lang() === "th" ? "en" : "th"}><span>${lang() === "th" ? "English" : "ภาษาไทย"}</span><span aria-hidden="true">›</span></a></li>
        ${installable() ? html`<li><button class="row" @click=${() => void promptToInstall()}><span>${say("ติดตั้งไว้บนหน้าจอ", "Add to home screen")}</span><span aria-hidden="true">›</span></button></li>` : nothing}
      </ul>
      <h2>${say("ระหว่างนับ", "While counting")}</h2>
      <ul class="rows">${SWITCHES.map(([name, , th, en, th2, en2]) => this.toggle(name, say(th, en), say(th2, en2)))}</ul>
      ${this.people(profile)} ${this.storage()} ${this.complaint()}
      ${signed ? html`<button class="quiet" ?disabled=${this.busy} @click=${() => void this.attempt(leave)}>${say("ออกจากระบบบนเครื่องนี้", "Sign out on this phone")}</button>` : nothing}`;
  }

  private toggle(name: string, words: string, help: string): TemplateResult {
    return html`<li>
      <label class="row switch"
        ><span>${words}<small>${help}</small></span
        ><input type="checkbox" role="switch" .checked=${this.switches.get(name) ?? false} @change=${(event: Event) => void put("settings", { name, value: (event.target as HTMLInputElement).checked })}
      /></label>
    </li>`;
  }

  private people(profile: Profile): TemplateResult {
    return html`<h2>${say("คนอื่นที่ใช้เครื่องนี้", "Others on this phone")}</h2>
      <ul class="rows">
        ${this.profiles
          .filter((one) => one.person !== profile.person)
          .map((one) => html`<li><button class="row" @click=${() => void this.become(one.person)}><span>${one.name}<small>${told(one.network_name)}</small></span><span>${say("สลับ", "Switch")}</span></button></li>`)}
        ${row("#/sign-in", say("เพิ่มคนในครอบครัว", "Add somebody"))}
      </ul>
      <p class="small">${say("แต่ละคนมีกุญแจของตัวเอง รายงานไม่ปนกัน", "Everybody has a key of their own; reports are never mixed.")}</p>`;
  }

  private storage(): TemplateResult {
    const { tight, persistent } = this.room;
    return html`<p class="small">
      ${mark("outbox")} ${tight ? say("พื้นที่ในเครื่องใกล้เต็ม", "This phone is nearly full.") : say("มีที่พอสำหรับเก็บรายงาน", "There is room for reports.")}
      ${persistent ? say("เครื่องจะไม่ลบข้อมูลของแอปนี้เอง", "The browser will not clear what this app keeps.") : say("เพิ่มแอปไว้บนหน้าจอโทรศัพท์ ข้อมูลจะไม่ถูกลบเมื่อเครื่องเต็ม", "Add the app to the home screen, then the browser does not clear its data when the phone is full.")}
    </p>`;
  }
}

function row(to: string, words: string): TemplateResult {
  return html`<li><a class="row" href=${to}><span>${words}</span><span aria-hidden="true">›</span></a></li>`;
}
