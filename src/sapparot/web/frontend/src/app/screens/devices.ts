// My devices: a lost phone is revoked from any other, at once; this one gets a new key.
import { html, nothing, type TemplateResult } from "lit";
import { back, Screen, troubleFrom } from "../element";
import type { Profile } from "../facts";
import { moment, say } from "../language";
import { current, update, type Me } from "../profiles";
import { send } from "../pump";
import { renewKey } from "../sending";
import { json } from "../wire";

interface Device {
  kid: string;
  level: number;
  enrolled_at: string;
  until: string;
  revoked_at: string | null;
}

export class DevicesScreen extends Screen {
  protected override readonly shows = ["profiles"] as const;
  private profile: Profile | null = null;
  private devices: Device[] | null = null;
  private asking = "";

  protected override async load(): Promise<void> {
    this.profile = await current();
    try {
      const answer = await json<{ devices: Device[] } | Device[]>("GET", "/v1/me/devices");
      this.devices = Array.isArray(answer) ? answer : answer.devices;
      const me = await json<Me>("GET", "/v1/me");
      if (this.profile?.person === me.person && this.profile.level !== me.level) this.profile = (await update(me.person, { level: me.level })) ?? this.profile;
    } catch (error) {
      this.trouble = troubleFrom(error);
    }
  }

  private async revoke(kid: string): Promise<void> {
    const done = await this.attempt(async () => {
      await json("DELETE", `/v1/me/devices/${encodeURIComponent(kid)}`);
    });
    this.asking = "";
    if (done) await this.refresh();
  }

  private async begin(): Promise<void> {
    const { profile } = this;
    if (!profile) return;
    await this.attempt(async () => {
      await renewKey(profile);
      send();
    });
    await this.refresh();
  }

  protected override render(): unknown {
    const { profile } = this;
    const standing = (this.devices ?? []).filter((one) => !one.revoked_at);
    const gone = (this.devices ?? []).filter((one) => one.revoked_at);
    return html`${back("#/me", say("ของฉัน", "Me"))}
      <h1 tabindex="-1">${say("เครื่องของฉัน", "My devices")}</h1>
      <p class="lead">${say("เครื่องหาย? เพิกถอนได้ทันที หลังจากนี้ระบบจะไม่รับรายงานที่เครื่องนั้นลงนาม", "Lost a phone? Revoke it at once. Reports that it signs from then on are refused.")}</p>
      ${this.complaint()}
      <ul class="cards">
        ${standing.map((one) => this.device(one))} ${gone.map((one) => this.device(one))}
      </ul>
      ${this.raised()}
      ${profile && (profile.revoked || !profile.token) && profile.trained
        ? html`<section class="panel">
            <h2>${say("เครื่องนี้", "This phone")}</h2>
            <p>${profile.revoked ? say("ถูกเพิกถอนแล้ว ถ้าอยู่กับคุณจริง ขอกุญแจใหม่ได้ที่นี่", "It was revoked. If it is in your hands you can get a new key here.") : say("ยังไม่ได้ลงทะเบียน", "It is not enrolled yet.")}</p>
            <button class="main" ?disabled=${this.busy} @click=${() => void this.begin()}>${say("ลงทะเบียนเครื่องนี้ด้วยกุญแจใหม่", "Enrol this phone with a new key")}</button>
          </section>`
        : nothing}`;
  }

  /** Who became a head after enrolling has a key of a volunteer: official figures need another. */
  private raised(): TemplateResult | typeof nothing {
    const { profile } = this;
    const key = this.devices?.find((one) => one.kid === profile?.kid && !one.revoked_at);
    if (!profile?.token || !key || key.level >= profile.level) return nothing;
    return html`<section class="panel">
      <h2>${say("คุณเป็นหัวหน้าเขตแล้ว", "You are a constituency head now")}</h2>
      <p>${say("เครื่องนี้ลงทะเบียนไว้ในฐานะอาสาสมัคร ต้องลงทะเบียนใหม่จึงจะส่งตัวเลขทางการได้ รายงานที่ยังไม่ได้ส่งจะส่งก่อน", "This phone is enrolled as a volunteer's. Enrol it anew to send official figures. Reports that wait are still sent.")}</p>
      <button class="main" ?disabled=${this.busy} @click=${() => void this.begin()}>${say("ลงทะเบียนเป็นเครื่องของหัวหน้าเขต", "Enrol as a head's phone")}</button>
    </section>`;
  }

  private device(one: Device): TemplateResult {
    const here = one.kid === this.profile?.kid;
    return html`<li class="card">
      <span class="card-head"><b>${here ? say("เครื่องนี้", "This phone") : say("อีกเครื่อง", "Another device")}</b><span>${moment(one.enrolled_at)}</span></span>
      <code>${one.kid.slice(0, 12)}…</code>
      ${one.revoked_at
        ? html`<span class="card-trouble">${say("เพิกถอนแล้ว", "Revoked")} ${moment(one.revoked_at)}</span>`
        : this.asking === one.kid
          ? html`<p>${here ? say("นี่คือเครื่องที่ถืออยู่ หลังเพิกถอนต้องขอกุญแจใหม่", "This is the phone in your hands; it will need a new key.") : say("เพิกถอนเครื่องนี้ถาวรใช่ไหม?", "Revoke it for good?")}</p>
              <div class="pair">
                <button class="main" ?disabled=${this.busy} @click=${() => void this.revoke(one.kid)}>${say("เพิกถอนเครื่อง", "Revoke")}</button>
                <button class="quiet" @click=${() => ((this.asking = ""), this.requestUpdate())}>${say("ไม่เพิกถอน", "Keep")}</button>
              </div>`
          : html`<button class="quiet" @click=${() => ((this.asking = one.kid), this.requestUpdate())}>${say("เครื่องนี้หาย เพิกถอน", "It is lost: revoke it")}</button>`}
    </li>`;
  }
}
