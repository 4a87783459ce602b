// My data: what is held, who looked, what I agreed to, a copy of everything, and erasing it.
import { html, nothing, type TemplateResult } from "lit";
import { placesIn } from "../areas";
import { keep } from "../asking";
import { all, wipe } from "../database";
import { back, Screen, troubleFrom } from "../element";
import type { Kept, Profile, Text } from "../facts";
import { tryRoom } from "../installing";
import { moment, say, told } from "../language";
import { tally } from "../outbox";
import { current, forget, signedIn } from "../profiles";
import { leave } from "../signing-in";
import { json } from "../wire";

interface Asked {
  purpose: string;
  version: number;
  text: Text;
  required: boolean;
  agreed: number | null;
  agreed_at: string | null;
}
interface Mine {
  name: string;
  phone: string;
  area: string | null;
  joined_at: string;
  network_name: Text;
  consents: Asked[];
}
interface Line {
  number: number;
  read: { at: string; role: string; network: string | null; purpose: string };
}

const ROLES: Record<string, [string, string]> = {
  head: ["หัวหน้าเขต", "Constituency head"],
  organiser: ["ผู้จัดเครือข่าย", "Organiser"],
  centre: ["ศูนย์กลาง", "The centre"],
  warroom: ["ศูนย์ปฏิบัติการ", "War room"],
  operator: ["ผู้ดูแลระบบ", "Operator"],
  program: ["โปรแกรมส่งข้อความ", "The program that sends messages"],
};
const PURPOSES: Record<string, [string, string]> = {
  duty: ["เรื่องหน้าที่", "about duties"],
  approval: ["อนุมัติการสมัคร", "to approve"],
  list: ["ดูรายชื่อ", "in a list"],
  search: ["ค้นหา", "in a search"],
  export: ["ส่งออก", "in an export"],
  announcement: ["ส่งประกาศ", "to send an announcement"],
  reward: ["ของตอบแทน", "for rewards"],
  grant: ["มอบสิทธิ์", "to give a role"],
};

/** Whether somebody agreed to other words than those that are asked for now. */
export function stale(one: Pick<Asked, "agreed" | "version">): boolean {
  return one.agreed !== null && one.agreed !== one.version;
}

export class DataScreen extends Screen {
  private profile: Profile | null = null;
  private mine: Mine | null = null;
  private lines: Line[] | null = null;
  private erasing = false;
  /** The area that was chosen and is not saved. */
  private area: string | null = null;
  private moved = false;
  /** Whether the area lies in one constituency, or is it: a province has no head. */
  private led = false;
  /** Own reports that the server does not have yet. */
  private unsent = 0;
  /** What this phone carries for others and has not sent. */
  private carried = 0;
  /** Others who use this phone: what is theirs is not this person's to empty. */
  private others = 0;

  protected override async load(): Promise<void> {
    this.profile = await current();
    const outbox = await all<Kept>("outbox");
    const waiting = (person: string | undefined): number => tally(outbox.filter((one) => one.person === person)).waiting;
    [this.unsent, this.carried] = [waiting(this.profile?.person), waiting("")];
    this.others = (await all<Profile>("profiles")).length - 1;
    if (!this.profile || this.mine) return;
    try {
      this.mine = await json<Mine>("GET", "/v1/me");
      await this.look();
      this.lines = (await json<{ reads: Line[] }>("GET", "/v1/me/reads")).reads;
    } catch (error) {
      this.trouble = troubleFrom(error);
    }
  }

  private async look(): Promise<void> {
    const around = this.mine?.area ? await placesIn(this.mine.area).then((one) => one.around, () => []) : [];
    this.led = around.some(({ kind }) => kind === "constituency");
  }

  private async agree(one: Asked, yes: boolean): Promise<void> {
    const path = `/v1/me/consents/${encodeURIComponent(one.purpose)}`;
    await this.attempt(async () => {
      this.mine = yes ? await json<Mine>("PUT", path, { body: { version: one.version } }) : await json<Mine>("DELETE", path);
      if (this.profile) await keep(this.profile.person, "me", this.mine);
    });
  }

  private async move(): Promise<void> {
    this.moved = await this.attempt(async () => {
      this.mine = await json<Mine>("PATCH", "/v1/me", { body: { area: this.area || null } });
      await this.look();
      if (this.profile) await keep(this.profile.person, "me", this.mine);
    });
    this.requestUpdate();
  }

  private async copy(): Promise<void> {
    await this.attempt(async () => {
      const everything = await json<unknown>("GET", "/v1/me/data", { seconds: 60 });
      const at = URL.createObjectURL(new Blob([JSON.stringify(everything, null, 2)], { type: "application/json" }));
      Object.assign(document.createElement("a"), { href: at, download: "sapparot-my-data.json" }).click();
      setTimeout(() => URL.revokeObjectURL(at), 60_000);
    });
  }

  private async erase(): Promise<void> {
    const done = await this.attempt(async () => {
      await json("DELETE", "/v1/me");
      if (this.profile) await forget(this.profile);
    });
    if (done) location.hash = "#/";
  }

  private async clear(): Promise<void> {
    const done = await this.attempt(async () => {
      // Whoever gets the phone next is not to be signed in as this person. Without a network only the phone forgets who it was.
      const others = (await all<Profile>("profiles")).some(({ person }) => person !== this.profile?.person);
      if (!others || (await signedIn()) === this.profile?.person) await leave().catch(() => undefined);
      if (others && this.profile) return forget(this.profile);
      await wipe();
      await tryRoom();
    });
    if (done) location.hash = "#/";
  }

  protected override render(): unknown {
    return html`${back(this.profile ? "#/me" : "#/")}
      <h1 tabindex="-1">${say("ข้อมูลของฉัน", "My data")}</h1>
      ${this.complaint()} ${this.mine ? this.held(this.mine) : nothing}
      <section class="panel">
        <h2>${say("ในเครื่องนี้", "On this phone")}</h2>
        <p>${say("ชื่อของคุณ กุญแจที่ใช้ลงนาม (ไม่มีใครอ่านออกมาได้) รายงาน ใบรับ ภาพถ่าย และข้อมูลหน่วย ไม่มีใครเห็นนอกจากผู้ใช้เครื่องนี้", "Your name, the key that signs (nobody can read it out), reports, receipts, photographs and stations. Nobody sees them but who uses this phone.")}</p>
      </section>
      ${this.profile ? this.ending() : nothing}`;
  }

  private held(mine: Mine): TemplateResult {
    return html`<section class="panel">
        <h2>${say(`ข้อมูลที่ ${told(mine.network_name)} เก็บไว้`, `What ${told(mine.network_name)} holds`)}</h2>
        <dl class="pairs">
          <div><dt>${say("ชื่อ", "Name")}</dt><dd>${mine.name}</dd></div>
          <div><dt>${say("เบอร์โทร", "Telephone")}</dt><dd>${mine.phone}</dd></div>
          <div><dt>${say("เข้าร่วมเมื่อ", "Joined")}</dt><dd>${moment(mine.joined_at)}</dd></div>
        </dl>
        <button class="quiet" ?disabled=${this.busy} @click=${() => void this.copy()}>${say("ดาวน์โหลดทุกอย่าง", "Download everything")}</button>
      </section>
      <section class="panel">
        <h2>${say("คุณลงคะแนนหรือช่วยได้ที่ไหน", "Where you vote or can help")}</h2>
        <p>${mine.area && !this.led ? say("เราหาหน่วยใกล้บ้านให้ได้ ถ้าบอกละเอียดถึงเขตเลือกตั้ง หัวหน้าเขตจะเห็นคุณด้วย", "We find you a station near home. Once you say as much as the constituency, its head sees you as well.") : mine.area ? say("หัวหน้าเขตที่นั่นเห็นคุณ และเราหาหน่วยใกล้บ้านให้ได้", "The head of the constituency there sees you, and we find you a station near home.") : say("ยังไม่ได้บอก หัวหน้าเขตจึงยังมองไม่เห็นคุณ", "You have not said yet, so no constituency head sees you.")}</p>
        <area-choice .value=${mine.area ?? ""} @area=${(event: CustomEvent<string>) => ((this.area = event.detail), this.requestUpdate())}></area-choice>
        ${this.area !== null && this.area !== (mine.area ?? "") ? html`<button class="main" ?disabled=${this.busy} @click=${() => void this.move()}>${say("บันทึกพื้นที่", "Save the area")}</button>` : this.moved ? html`<p role="status">${say("บันทึกแล้ว", "Saved")}</p>` : nothing}
      </section>
      <h2>${say("สิ่งที่ยินยอม", "What I agree to")}</h2>
      <ul class="rows">
        ${mine.consents.map(
          (one) => html`<li><label class="row switch"><span>${told(one.text)}${one.required ? html`<small>${say("จำเป็นต่อการเป็นอาสา", "Needed to take part")}</small>` : nothing}${stale(one) ? html`<small class="card-trouble">${say("ข้อความนี้เปลี่ยนไปจากที่คุณเคยยินยอม ถ้ายังยินยอม แตะอีกครั้ง", "These words are new since you agreed. If you still agree, tap again.")}</small>` : nothing}</span><input type="checkbox" role="switch" .checked=${one.agreed === one.version} ?disabled=${(one.required && !stale(one)) || this.busy} @change=${(event: Event) => void this.agree(one, (event.target as HTMLInputElement).checked)} /></label></li>`,
        )}
      </ul>
      <h2>${say("ใครเคยดูข้อมูลของฉัน", "Who looked at my data")}</h2>
      ${this.lines?.length
        ? html`<ul class="rows">${this.lines.map(({ read }) => html`<li class="row"><span>${say(...(ROLES[read.role] ?? [read.role, read.role]))} · ${say(...(PURPOSES[read.purpose] ?? [read.purpose, read.purpose]))}<small>${moment(read.at)}</small></span></li>`)}</ul>`
        : html`<p>${say("ยังไม่มีใครเปิดดู", "Nobody has looked yet.")}</p>`}`;
  }

  private ending(): TemplateResult {
    if (!this.erasing) return html`<button class="quiet" @click=${() => ((this.erasing = true), this.requestUpdate())}>${say("ออกจากเครือข่าย / ลบข้อมูล", "Leave / erase")}</button>`;
    return html`<section class="panel" role="group" aria-labelledby="erase-title">
      <h2 id="erase-title">${say("ลบข้อมูลของฉัน", "Erase my data")}</h2>
      <p>${say("ชื่อและเบอร์จะถูกลบทันที เครื่องทุกเครื่องถูกเพิกถอน ส่วนรายงานที่ส่งแล้วและหน่วยที่ประจำยังอยู่ในบันทึกสาธารณะ โดยไม่มีชื่อ กู้คืนไม่ได้", "Your name and number are erased at once and every device is revoked. Reports that you sent, and the station where you served, stay in the public log, without a name. It cannot be undone.")}</p>
      ${this.unsent ? html`<p><b>${say(`ยังมีรายงานที่ไม่ได้ส่ง ${this.unsent} ฉบับ ถ้าลบตอนนี้จะหายไปด้วย`, `${this.unsent} reports are not sent yet; they would be lost.`)}</b></p>` : nothing}
      <div class="pair">
        <button class="main" ?disabled=${this.busy} @click=${() => void this.erase()}>${say("ลบเลย", "Erase")}</button>
        <button class="quiet" @click=${() => ((this.erasing = false), this.requestUpdate())}>${say("ไม่ลบ", "Keep")}</button>
      </div>
      ${this.others > 0
        ? html`<p>${say(`มีคนอื่นใช้เครื่องนี้อีก ${this.others} คน รายงานและข้อมูลของเขาจะยังอยู่ครบ`, `${this.others} more ${this.others === 1 ? "person uses" : "people use"} this phone; what is theirs stays.`)}</p>`
        : this.carried
          ? html`<p><b>${say(`เครื่องนี้รับฝากรายงานไว้ ${this.carried} ฉบับ ยังไม่ได้ส่งให้เจ้าของ ถ้าล้างเครื่องจะไม่ได้ส่งให้`, `This phone carries ${this.carried} reports of others that are not sent yet; emptied, it will not send them.`)}</b></p>`
          : nothing}
      <button class="quiet" ?disabled=${this.busy} @click=${() => void this.clear()}>${this.others > 0
        ? say("ล้างเฉพาะข้อมูลของฉันในเครื่องนี้ รวมรายงานที่ยังไม่ส่ง", "Only take me off this phone, with reports that were not sent")
        : say("ล้างเฉพาะข้อมูลในเครื่องนี้ รวมรายงานที่ยังไม่ส่ง", "Only empty this phone, with reports that were not sent")}</button>
    </section>`;
  }
}
