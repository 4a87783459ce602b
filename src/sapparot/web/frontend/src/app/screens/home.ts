// The start: the one next thing to do, then everything else.
import { html, nothing, type TemplateResult } from "lit";
import { asked } from "../asking";
import { all, get } from "../database";
import { answerDuty, byPlace, checkedIn, dutiesOf, jobName } from "../duties";
import { Screen } from "../element";
import { errandsOf } from "../errands";
import type { Duty, Errand, Kept, KeptKit, Profile, StationKit } from "../facts";
import { installable, promptToInstall } from "../installing";
import { clock, say, told } from "../language";
import { mark, type Mark } from "../marks";
import { shownTo, tally } from "../outbox";
import { current } from "../profiles";
import { kitOf } from "../stations";
import { stationName } from "../ways";

interface Standing {
  place: string;
  duties: Duty[];
  name: string;
  closes: string;
  /** A whole constituency, for its official figures. */
  whole: boolean;
  sheets: StationKit["sheets"];
  present: boolean;
}

export class HomeScreen extends Screen {
  protected override readonly shows = ["profiles", "outbox", "kept", "errands", "settings"] as const;
  private profile: Profile | null = null;
  private duties: Standing[] | null = null;
  private reports: Kept[] = [];
  private signedOut = false;
  /** What was so when the screen was opened stands first. */
  private opened: { revoked: boolean; signedOut: boolean } | null = null;
  /** The network changed the words of something that this person agreed to. */
  private stale = false;
  /** Nobody knows where this person can help, so no constituency head sees it. */
  private placeless = false;
  /** Answers to the quiz that were kept without a network, the newest. */
  private quiz: Errand | undefined;

  protected override async load(): Promise<void> {
    this.profile = await current();
    this.reports = shownTo(this.profile?.person, await all<Kept>("outbox"));
    this.quiz = this.profile ? (await errandsOf(this.profile.person, "training"))[0] : undefined;
    const session = await get<{ value: string }>("settings", "session");
    this.signedOut = session !== undefined && session.value !== this.profile?.person;
    this.opened ??= { revoked: this.profile?.revoked ?? false, signedOut: this.signedOut };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh().then(() => this.fetchDuties());
  }

  private async fetchDuties(): Promise<void> {
    const person = this.profile?.person;
    if (!person) return;
    const duties = await dutiesOf(person).then(({ value }) => value, () => []);
    this.duties = await Promise.all([...byPlace(duties)].map(([place, some]) => standing(person, place, some)));
    this.requestUpdate();
    const me = await asked<{ area: string | null; consents: { agreed: number | null; version: number }[] }>(person, "me", "/v1/me").catch(() => null);
    this.placeless = me?.value.area === null;
    this.stale = me?.value.consents.some((one) => one.agreed !== null && one.agreed !== one.version) ?? false;
    this.requestUpdate();
  }

  /** What comes with an answer stands below what may be tapped before it: nothing moves under a thumb. */
  protected override render(): unknown {
    const { profile, opened } = this;
    if (!profile) return nothing;
    const [revoked, away] = [profile.revoked ? this.revoked() : nothing, this.signedOut ? this.away(profile) : nothing];
    return html`<p class="over">${say("สวัสดี", "Hello")}</p>
      <h1 tabindex="-1">${profile.name}</h1>
      ${opened?.revoked ? revoked : nothing} ${opened?.signedOut ? away : nothing} ${this.next(profile)} ${this.strip()}
      ${opened?.revoked ? nothing : revoked} ${opened?.signedOut ? nothing : away} ${this.stale ? this.reworded() : nothing} ${this.placeless ? this.unplaced() : nothing}
      <nav class="tiles" aria-label=${say("อย่างอื่น", "More")}>
        ${this.tile("#/places", "pin", say("หาหน่วยที่ยังไม่มีคนเฝ้า", "Stations that nobody guards"))}
        ${this.tile("#/training", "book", profile.trained ? say("ทบทวนบทเรียน", "Training again") : say("บทเรียนและแบบทดสอบ", "Training and quiz"))}
        ${this.tile("#/carry", "scan", say("ฝากส่ง / รับฝาก", "Pass on / take in"))}
        ${installable() ? html`<button class="tile" @click=${() => void promptToInstall().then(() => this.requestUpdate())}>${mark("home")}<span>${say("ติดตั้งไว้บนหน้าจอ", "Add to home screen")}</span></button>` : nothing}
      </nav>`;
  }

  private tile(to: string, drawing: Mark, words: string): TemplateResult {
    return html`<a class="tile" href=${to}>${mark(drawing)}<span>${words}</span></a>`;
  }

  private revoked(): TemplateResult {
    return html`<div class="trouble" role="alert">
      <b>${say("เครื่องนี้ถูกเพิกถอนแล้ว", "This phone was revoked")}</b>
      <p>${say("ระบบจะไม่รับรายงานจากเครื่องนี้ ถ้าเครื่องอยู่กับคุณ ขอกุญแจใหม่ได้", "Reports of this phone are refused. If it is in your hands you can get a new key.")} <a href="#/devices">${say("ดูเครื่องของฉัน", "My devices")}</a></p>
    </div>`;
  }

  private away(profile: Profile): TemplateResult {
    return html`<div class="notice">
      ${mark("me")}
      <p>${say("ยังส่งรายงานได้ แต่ต้องเข้าใช้อีกครั้งเพื่อดูหน้าที่และข่าวสาร", "Reports go through. Sign in again to see duties and news.")} <a href=${`#/sign-in/${profile.person}`}>${say("เข้าใช้", "Sign in")}</a></p>
    </div>`;
  }

  private reworded(): TemplateResult {
    return html`<div class="notice">
      ${mark("me")}
      <p>${say("เครือข่ายเปลี่ยนข้อความที่คุณเคยยินยอม โปรดอ่านและเลือกอีกครั้ง", "Your network changed words that you agreed to. Please read them and choose again.")} <a href="#/data">${say("อ่านข้อความใหม่", "Read them")}</a></p>
    </div>`;
  }

  private unplaced(): TemplateResult {
    return html`<div class="notice">
      ${mark("pin")}
      <p>${say("บอกเราว่าคุณช่วยได้ที่ไหน หัวหน้าเขตจะได้เห็นคุณ", "Say where you can help, so that your constituency head sees you.")} <a href="#/data">${say("เลือกพื้นที่", "Choose the area")}</a></p>
    </div>`;
  }

  private next(profile: Profile): TemplateResult {
    if (!profile.trained) {
      return html`<section class="next">
        <p class="over">${say("ขั้นแรก", "First step")}</p>
        <h2>${say("เรียนบทเรียนสั้น ๆ แล้วทำแบบทดสอบ", "A short training, then a quiz")}</h2>
        <p>${say("ผ่านแล้วจะส่งรายงานได้ ไม่ผ่านก็ลองใหม่ได้ ชั่วโมงละ 3 ครั้ง", "Pass it and you can report. If not, try again, up to three times an hour.")}</p>
        ${this.quiz?.trouble ? html`<div class="notice" role="status">${mark("warn")}<p>${told(this.quiz.trouble.title)}</p></div>` : nothing}
        <a class="main" href="#/training">${say("เริ่มเรียน", "Begin")}</a>
      </section>`;
    }
    if (this.duties === null) return html`<section class="next" aria-busy="true"><p>${say("กำลังดูหน้าที่ของคุณ…", "Looking up your duties …")}</p></section>`;
    if (this.duties.length === 0) {
      return html`<section class="next">
        <p class="over">${say("ขั้นต่อไป", "Next step")}</p>
        <h2>${say("เลือกหน่วยที่จะเฝ้า", "Choose a station to guard")}</h2>
        <p>${say("หรือรอให้หัวหน้าเขตมอบหมาย จะขึ้นที่นี่เอง", "Or wait until your constituency head gives you one; it will show here.")}</p>
        <a class="main" href="#/places">${say("หาหน่วยใกล้ฉัน", "Find one near me")}</a>
      </section>`;
    }
    return html`${this.duties.map((one) => this.duty(one))}`;
  }

  private duty({ place, duties, name, closes, present, whole, sheets }: Standing): TemplateResult {
    const offered = duties.filter((one) => one.state === "offered");
    const missed = duties.some((one) => one.missed_at) && !present;
    return html`<section class="next">
      <p class="over">${duties.map((one) => say(...jobName(one.job))).join(" · ")}</p>
      <h2>${name}</h2>
      <p>${closes && !whole ? say(`ปิดหีบ ${clock(closes)}`, `Closes at ${clock(closes)}`) : nothing} ${present ? html`<span class="good">✓ ${say("เช็กอินแล้ว", "Checked in")}</span>` : nothing}</p>
      ${missed ? html`<p class="card-trouble">${say("ยังไม่เห็นคุณที่หน่วย ถ้าอยู่แล้วกดเช็กอิน", "Nobody has seen you there yet. If you are there, check in.")}</p>` : nothing}
      ${offered.length
        ? html`<p>${whole ? say("เครือข่ายขอให้คุณกรอกตัวเลขทางการของเขตนี้ รับไหม?", "Your network asks you to enter the official figures of this constituency. Will you?") : say("เครือข่ายขอให้คุณเฝ้าหน่วยนี้ รับไหม?", "Your network asks you to guard this station. Will you?")}</p>
            <div class="pair">
              <button class="main" ?disabled=${this.busy} @click=${() => void this.answer(offered, "accept")}>${say("รับหน้าที่", "I will")}</button>
              <button class="quiet" ?disabled=${this.busy} @click=${() => void this.answer(offered, "decline")}>${say("ไม่สะดวก", "I cannot")}</button>
            </div>
            ${this.complaint()}`
        : whole
          ? sheets.map(({ ballot, name }) => html`<a class="main" href=${`#/official/${place}/${ballot}/${place}`}>${say(`กรอกตัวเลขทางการ ${told(name)}`, `Official figures: ${told(name)}`)}</a>`)
          : html`<a class="main" href=${`#/station/${place}`}>${present ? say("ไปที่หน่วยนี้", "Open the station") : say("ถึงหน่วยแล้ว / ดูรายละเอียด", "I am there / details")}</a>`}
    </section>`;
  }

  private async answer(duties: Duty[], said: "accept" | "decline"): Promise<void> {
    await this.attempt(async () => {
      for (const duty of duties) await answerDuty(duty, said);
    });
    await this.fetchDuties();
  }

  private strip(): TemplateResult | typeof nothing {
    if (this.reports.length === 0) return nothing;
    const { waiting, stopped, safe } = tally(this.reports);
    return html`<a class="strip" href="#/outbox" data-mood=${stopped ? "stopped" : waiting ? "waiting" : "safe"}>
      ${mark(stopped ? "warn" : waiting ? "outbox" : "check")}
      <span>${stopped ? say(`รายงานที่ต้องดู ${stopped} ฉบับ`, `${stopped} need you`) : waiting ? say(`รายงานรอส่ง ${waiting} ฉบับ เก็บไว้ในเครื่องแล้ว`, `${waiting} waiting, safe on this phone`) : say(`รายงานถึงแล้ว ${safe} ฉบับ`, `${safe} arrived`)}</span>
      <span aria-hidden="true">›</span>
    </a>`;
  }
}

async function standing(person: string, place: string, duties: Duty[]): Promise<Standing> {
  const kit = (await get<KeptKit>("kits", place))?.kit ?? (await kitOf(place).catch(() => null));
  const present = (await checkedIn(person, place)) !== null;
  const whole = duties.every(({ job }) => job === "official");
  const named = kit?.areas.find(({ code }) => code === place);
  return { place, duties, whole, sheets: kit?.sheets ?? [], name: named ? told(named.name) : kit ? stationName(kit) : place, closes: kit?.closes_at ?? "", present };
}
