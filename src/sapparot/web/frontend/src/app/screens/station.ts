// One station: being there, counting, the final figures, and how its sheets stand.
import { html, nothing, type TemplateResult } from "lit";
import { all } from "../database";
import { answerDuty, checkedIn, checkIn, dropDuty, dutiesOf, jobName, placeOf, takeDuty, type CheckIn } from "../duties";
import { back, Screen, troubleFrom } from "../element";
import type { Duty, Kept, Profile, Sheet, StationKit } from "../facts";
import { clock, link, number, say, told } from "../language";
import { mark } from "../marks";
import { latest } from "../outbox";
import { current, update } from "../profiles";
import { coarse, kitOf, whereAmI } from "../stations";
import { stageName, stationName, trail, wayName } from "../ways";

export class StationScreen extends Screen {
  static override properties = { station: { attribute: false } };
  declare station: string;
  protected override readonly shows = ["outbox", "errands", "kept", "profiles"] as const;
  private profile: Profile | null = null;
  private kit: StationKit | null = null;
  private duties: Duty[] = [];
  private present: CheckIn | null = null;
  private reports: Kept[] = [];
  private leaving = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.fetch();
  }

  protected override async anew(): Promise<void> {
    return this.kit ? super.anew() : this.fetch();
  }

  private async fetch(): Promise<void> {
    try {
      this.kit = await kitOf(this.station);
      this.trouble = null;
    } catch (error) {
      this.trouble = troubleFrom(error);
    }
    this.profile = await current();
    const duties = this.profile ? await dutiesOf(this.profile.person).then(({ value }) => value, () => []) : [];
    this.duties = duties.filter((one) => placeOf(one) === this.station);
    await this.refresh();
  }

  protected override async load(): Promise<void> {
    this.profile = await current();
    this.reports = (await all<Kept>("outbox")).filter((one) => one.sheet.startsWith(`${this.station}/`) && one.person === this.profile?.person);
    if (this.profile) this.present = await checkedIn(this.profile.person, this.station);
  }

  private async here(withPlace: boolean): Promise<void> {
    await this.attempt(async () => {
      const { profile } = this;
      if (!profile) return;
      let place: [number, number] | null = null;
      if (withPlace) {
        const found = await whereAmI().catch(() => null);
        if (found) place = coarse(found.coords.latitude, found.coords.longitude);
        if (place) await update(profile.person, { place });
      }
      await checkIn(profile.person, this.station, place);
    });
  }

  private async take(): Promise<void> {
    await this.attempt(async () => {
      await takeDuty(this.station);
      await this.fetch();
    });
  }

  private async drop(): Promise<void> {
    const done = await this.attempt(async () => {
      for (const duty of this.duties.filter((one) => one.state === "accepted")) await dropDuty(duty, "");
      for (const duty of this.duties.filter((one) => one.state === "offered")) await answerDuty(duty, "decline");
    });
    if (done) location.hash = "#/";
  }

  protected override render(): unknown {
    const { kit } = this;
    if (!kit) return html`${back("#/")}<h1 tabindex="-1">${this.station}</h1>${this.complaint()}`;
    return html`${back("#/", say("หน้าแรก", "Home"))}
      <h1 tabindex="-1">${stationName(kit)}</h1>
      <p class="lead">${kit.areas.slice(1, 4).map((one) => told(one.name)).join(" · ")}</p>
      ${this.complaint()} ${this.arrival() /* above what comes late: a button that moves is missed */}
      <dl class="pairs">
        <div><dt>${say("ปิดหีบ", "Closes")}</dt><dd>${clock(kit.closes_at)}</dd></div>
        <div><dt>${say("ผู้มีสิทธิ", "Eligible voters")}</dt><dd>${number(kit.station.eligible)}</dd></div>
        <div><dt>${say("รหัสหน่วย", "Code")}</dt><dd>${kit.station.code}</dd></div>
        ${this.duties.length ? html`<div><dt>${say("หน้าที่ของคุณ", "Your duty")}</dt><dd>${this.duties.map((one) => say(...jobName(one.job))).join(" · ")}</dd></div>` : nothing}
      </dl>
      ${kit.sheets.map((one) => this.sheet(one))}
      ${this.where(kit)}
      <p><a href=${link(`/station/${kit.station.code}`)}>${say("หน้าสาธารณะของหน่วยนี้", "This station's public page")}</a></p>
      ${this.duties.length ? this.giveBack() : html`<button class="quiet" ?disabled=${this.busy} @click=${() => void this.take()}>${say("ฉันขอเฝ้าหน่วยนี้", "I guard this one")}</button>`}`;
  }

  private arrival(): TemplateResult {
    if (this.present) {
      return html`<div class="notice" role="status">
        ${mark("check")}
        <p><b>${say(`เช็กอินแล้ว ${clock(this.present.at)}`, `Checked in at ${clock(this.present.at)}`)}</b> ${this.present.trouble ? told(this.present.trouble) : this.present.sent ? nothing : say("จะส่งเองเมื่อมีสัญญาณ", "goes out when there is a network")}</p>
      </div>`;
    }
    return html`<section class="panel">
      <h2>${say("มาถึงหน่วยแล้ว?", "Are you there?")}</h2>
      <p>${say("เช็กอินได้แม้ไม่มีสัญญาณ ตำแหน่งบอกคร่าว ๆ ราว 1 กม. เท่านั้น", "It works without a network. Your place is told to about 1 km, no closer.")}</p>
      <button class="main" ?disabled=${this.busy} @click=${() => void this.here(true)}>${mark("pin")} ${this.busy ? say("กำลังหาตำแหน่ง…", "Finding your place …") : say("เช็กอิน", "Check in")}</button>
      <button class="quiet" ?disabled=${this.busy} @click=${() => void this.here(false)}>${say("เช็กอินโดยไม่บอกตำแหน่ง", "Without my place")}</button>
    </section>`;
  }

  private sheet(one: Sheet): TemplateResult {
    const mine = this.reports.filter((kept) => kept.sheet === one.sheet && !kept.again);
    const newest = (stage: string): Kept | undefined => latest(mine.filter((kept) => kept.stage === stage), this.profile?.kid);
    const [final, progress, official] = [newest("final"), newest("progress"), newest("official")];
    const base = `${this.station}/${one.ballot}`;
    return html`<section class="panel sheet-panel">
      <h2>${told(one.name)}</h2>
      ${[official, final, progress].map((kept) => (kept ? html`<a class="line-report" href=${`#/report/${kept.id}`}><span>${stageName(kept.stage)} · ${clock(kept.made_at)}</span>${trail(kept)}<span>${wayName(kept)}</span></a>` : nothing))}
      ${this.profile?.trained
        ? html`<div class="pair">
            <a class=${final ? "quiet" : "main"} href=${`#/count/${base}`}>${mark("count")} ${say("นับ", "Count")}</a>
            <a class="quiet" href=${`#/final/${base}`}>${mark("form")} ${say("ผลสุดท้าย", "Final figures")}</a>
          </div>
          ${Math.max(this.profile.enrolled ?? 0, this.profile.level) > 1 ? html`<p><a class="quiet" href=${`#/official/${base}`}>${mark("form")} ${say("ตัวเลขทางการ", "Official figures")}</a></p>` : nothing}`
        : html`<p><a href="#/training">${say("ผ่านแบบทดสอบก่อนจึงรายงานได้", "Pass the quiz first, then you can report")}</a></p>`}
    </section>`;
  }

  private where(kit: StationKit): TemplateResult | typeof nothing {
    const { lat, lon } = kit.station;
    if (lat === null || lon === null) return nothing;
    return html`<p><a href=${`geo:${lat / 1e6},${lon / 1e6}?q=${lat / 1e6},${lon / 1e6}`}>${mark("pin")} ${say("นำทางไปหน่วย", "Show the way")}</a></p>`;
  }

  private giveBack(): TemplateResult {
    if (!this.leaving) return html`<button class="quiet" @click=${() => ((this.leaving = true), this.requestUpdate())}>${say("ไปไม่ได้ ขอคืนหน้าที่", "I cannot come: give it back")}</button>`;
    return html`<section class="panel">
      <p><b>${say("คืนหน้าที่นี้?", "Give this duty back?")}</b> ${say("ระบบจะหาคนแทนทันที ขอบคุณที่บอกล่วงหน้า", "Somebody else is asked at once. Thank you for saying so in time.")}</p>
      <div class="pair">
        <button class="main" ?disabled=${this.busy} @click=${() => void this.drop()}>${say("คืนหน้าที่", "Give it back")}</button>
        <button class="quiet" @click=${() => ((this.leaving = false), this.requestUpdate())}>${say("ไม่คืน", "Keep it")}</button>
      </div>
    </section>`;
  }
}
