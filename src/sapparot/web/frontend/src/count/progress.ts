// <count-progress>: counting with the thumb while the ballots are read aloud. Two ballots, one tap apart; every tap goes to the disk.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { clock, say, told } from "../app/language";
import { get, put } from "../app/database";
import type { Desk } from "../app/facts";
import { keepFor } from "../app/profiles";
import { Counter, MOST_BUTTONS, type CountKept, type Shelf } from "./counter";
import { found, typed } from "./finding";
import { sheetOf, sheetsOf, shortOf, type OptionKit, type SheetKit, type StationKit } from "./kit";
import { written } from "./numbers";
import { ballotTabs, head, inColor, placeOf } from "./pieces";
import { Awake, feel, speak, speaks } from "./senses";
import { ballots, CAST, count, NO_VOTE, SPOILED, type Key, type Why } from "./tally";
import { CorrectFigure } from "./correct";
import { whyNotSaved } from "./wording";

const TICK_MS = 2_000;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "back", "0", "add"] as const;

const shelfOf = (person: string): Shelf => ({
  read: (key) => get<CountKept>("drafts", key),
  write: (kept) => keepFor(person, "drafts", kept),
});

interface Echo {
  readonly key: Key;
  readonly kind: "counted" | "bounced" | "undone" | "corrected";
}

export class CountProgress extends LitElement {
  static override properties = { kit: { attribute: false }, desk: { attribute: false }, ballot: {} };
  kit!: StationKit;
  desk!: Desk;
  ballot?: string;
  private counters = new Map<string, Counter>();
  private text = "";
  private echo: Echo | null = null;
  private fixing = false;
  private elsewhere = false;
  private spoken = false;
  private readonly awake = new Awake();
  private timer = 0;
  private release: (() => void) | null = null;
  private readonly away = (): void => {
    if (document.visibilityState === "hidden") void this.tick(true);
  };

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.awake.hold();
    this.timer = window.setInterval(() => void this.tick(false), TICK_MS);
    document.addEventListener("visibilitychange", this.away);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.awake.release();
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.away);
    void this.tick(true);
    this.release?.();
    this.release = null;
  }

  protected override willUpdate(changes: PropertyValues): void {
    if ((changes.has("kit") || changes.has("desk")) && this.kit && this.desk) void this.open();
  }

  private async open(): Promise<void> {
    this.spoken = this.desk.settings.spoken;
    this.elsewhere = !(await this.holds());
    const redraw = (): void => this.requestUpdate();
    for (const sheet of sheetsOf(this.kit)) {
      this.counters.set(sheet.ballot, await Counter.open(sheet, this.desk, shelfOf(this.desk.person), redraw));
    }
    this.requestUpdate();
  }

  /** Two windows that count the same sheets would overwrite each other: the first one counts, the other one says so. */
  private holds(): Promise<boolean> {
    if (!navigator.locks) return Promise.resolve(true);
    this.release?.();
    return new Promise((answer) => {
      const name = `sapparot-count/${this.desk.person}/${this.kit.station.code}`;
      void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
        answer(lock !== null);
        return lock ? new Promise<void>((done) => (this.release = done)) : undefined;
      });
    });
  }

  private async tick(anyway: boolean): Promise<void> {
    if (this.elsewhere) return;
    for (const counter of this.counters.values()) await counter.report(Date.now(), anyway);
  }

  private get counter(): Counter | undefined {
    return this.kit && this.counters.get(sheetOf(this.kit, this.ballot)?.ballot ?? "");
  }

  protected override render(): TemplateResult | typeof nothing {
    const counter = this.counter;
    if (!counter) return nothing;
    const { title, under } = placeOf(this.kit);
    const amount = ({ ballot }: SheetKit): string => this.amount(this.counters.get(ballot));
    return html`
      ${head(title, under, () => this.leave("count-close"), this.voice())}
      ${ballotTabs(this.kit, counter.sheet, amount, (ballot) => this.switchTo(ballot))}
      ${this.alarms(counter)} ${this.crowded(counter) ? nothing : this.sum(counter)} ${this.last(counter)}
      <div class="count-field" data-view=${counter.view}>${this.field(counter)}</div>
      <div class="count-others">${this.other(counter, SPOILED)} ${this.other(counter, NO_VOTE)}</div>
      ${this.foot(counter)}
      <count-correct @count-corrected=${(event: CustomEvent<{ key: Key; to: number | null; why: Why }>) => this.corrected(counter, event.detail)}></count-correct>
    `;
  }

  private amount(counter: Counter | undefined): string {
    if (!counter) return "";
    const total = written(ballots(counter.tally));
    return counter.tally.cast !== null && this.crowded(counter) ? `${total}/${written(counter.tally.cast)}` : total;
  }

  private voice(): TemplateResult | typeof nothing {
    if (!speaks()) return nothing;
    return html`<button type="button" class="count-voice" aria-pressed=${this.spoken ? "true" : "false"} @click=${this.turnVoice}>
      ${say("เสียง", "Voice")}
    </button>`;
  }

  private alarms(counter: Counter): TemplateResult | typeof nothing {
    if (this.elsewhere) {
      return html`<p class="count-alarm" role="alert">
        ${say("หน่วยนี้กำลังนับอยู่ในอีกหน้าต่างหนึ่ง ปิดหน้าต่างนั้นก่อน แล้วเปิดหน้านี้ใหม่", "This station is being counted in another window. Close that one, then open this page again.")}
      </p>`;
    }
    if (counter.saved === "failed" || counter.trouble) {
      return html`<p class="count-alarm" role="alert">
        ${whyNotSaved(counter.trouble ?? counter.fault, say("เครื่องบันทึกไม่ได้ อาจเต็ม ลบรูปหรือวิดีโอเก่าแล้วนับต่อ จดเลขบนจอไว้ด้วย", "The phone cannot save; it may be full. Delete old pictures or videos and go on. Write the figures down too."))}
      </p>`;
    }
    return nothing;
  }

  private sum(counter: Counter): TemplateResult {
    const { cast } = counter.tally;
    const total = ballots(counter.tally);
    const more = cast !== null && total > cast;
    return html`<div class="count-sum">
      <p><b>${written(total)}</b> ${say("ใบ", total === 1 ? "ballot" : "ballots")}</p>
      <button type="button" class="count-cast" ?data-over=${more} @click=${() => this.type(CAST)}>
        ${cast === null
          ? say("ใส่จำนวนผู้มาใช้สิทธิ", "Set ballots cast")
          : html`${say("จาก", "of")} <b>${written(cast)}</b> · ${more ? say(`เกิน ${written(total - cast)}`, `${written(total - cast)} too many`) : say(`เหลือ ${written(cast - total)}`, `${written(cast - total)} left`)}`}
      </button>
    </div>`;
  }

  /** What was counted last, and whether it is safe: the one line that eyes come back to. */
  private last(counter: Counter): TemplateResult {
    const step = counter.tally.steps[counter.tally.steps.length - 1];
    const key = this.echo?.key ?? step?.key;
    const option = this.optionOf(counter, key);
    const bounced = this.echo?.kind === "bounced";
    return html`<div class="count-echo" data-kind=${this.echo?.kind ?? "none"}>
      <p role="status" .style=${inColor(option)}>
        ${key === undefined
          ? html`<span class="count-none">${say("แตะเมื่อได้ยินเบอร์", "Tap as the numbers are read")}</span>`
          : html`<b class="count-chip" ?data-plain=${!option}>${option ? option.number : key === CAST ? "=" : key === SPOILED ? "✕" : "–"}</b>
              <span>${bounced ? say("แตะซ้ำเร็วไป ไม่นับ", "Too quick, not counted") : this.nameOf(counter, key)}</span>
              <b>${key === CAST ? counter.tally.cast ?? "–" : written(count(counter.tally, key))}</b>`}
      </p>
      <p class="count-safe" data-saved=${counter.saved}>${this.safety(counter)}</p>
    </div>`;
  }

  private safety(counter: Counter): string {
    if (counter.saved === "saving") return say("กำลังบันทึก", "Saving");
    if (counter.saved === "failed") return say("บันทึกไม่ได้", "Not saved");
    return counter.last ? say(`รายงาน ${clock(counter.last.at)}`, `Reported ${clock(counter.last.at)}`) : say("บันทึกแล้ว", "Saved");
  }

  /** All options of a long ballot need every line of the screen; its total stands in the tab. */
  private crowded(counter: Counter): boolean {
    return counter.view === "all" && counter.sheet.options.length > MOST_BUTTONS;
  }

  private field(counter: Counter): TemplateResult {
    if (counter.sheet.options.length <= MOST_BUTTONS) return this.buttons(counter, "big");
    return counter.view === "all" ? this.buttons(counter, "small") : this.pad(counter);
  }

  private buttons(counter: Counter, size: "big" | "small"): TemplateResult {
    return html`<div class="count-options" data-size=${size} data-many=${counter.sheet.options.length > 10 ? "yes" : "no"}>
      ${counter.sheet.options.map((option) => this.option(counter, option))}
    </div>`;
  }

  private option(counter: Counter, option: OptionKit | undefined): TemplateResult {
    if (!option) return html`<span class="count-empty" aria-hidden="true"></span>`;
    const key = String(option.number);
    const votes = count(counter.tally, key);
    return html`<button
      type="button"
      class="count-option"
      data-key=${key}
      ?data-last=${this.echo?.key === key}
      .style=${inColor(option)}
      title=${told(option.name)}
      @click=${(event: MouseEvent) => this.tap(counter, key, event)}
    >
      <b>${option.number}</b> <span>${counter.sheet.options.length > MOST_BUTTONS ? shortOf(option) : told(option.name)}</span> <i>${votes ? written(votes) : ""}</i>
    </button>`;
  }

  private pad(counter: Counter): TemplateResult {
    const numbers = counter.sheet.options.map(({ number }) => number);
    const aimed = this.optionOf(counter, String(found(this.text, numbers) ?? ""));
    const tiles = Array.from({ length: 8 }, (_, index) => this.optionOf(counter, String(counter.tiles[index] ?? "")));
    return html`<div class="count-tiles">${tiles.map((option) => this.option(counter, option))}</div>
      <div class="count-aim" .style=${inColor(aimed)} aria-live="polite">
        <b>${this.text || " "}</b>
        <span>${aimed ? told(aimed.name) : this.text ? say("ไม่มีเบอร์นี้", "No such number") : say("กดเบอร์ที่ได้ยิน แล้วกด +1", "Type the number you hear, then +1")}</span>
        <i>${aimed ? written(count(counter.tally, String(aimed.number))) : ""}</i>
      </div>
      <div class="count-pad">${KEYS.map((key) => this.padKey(counter, key, aimed, numbers))}</div>`;
  }

  private padKey(counter: Counter, key: (typeof KEYS)[number], aimed: OptionKit | undefined, numbers: readonly number[]): TemplateResult {
    if (key === "add") {
      return html`<button type="button" class="count-add" .style=${inColor(aimed)} ?disabled=${!aimed} @click=${(event: MouseEvent) => aimed && this.tap(counter, String(aimed.number), event)}>
        ${this.fixing ? say("แก้", "Fix") : "+1"}
      </button>`;
    }
    if (key === "back") {
      return html`<button type="button" aria-label=${say("ลบเลข", "Delete digit")} @click=${() => this.type_(this.text.slice(0, -1))}>⌫</button>`;
    }
    return html`<button type="button" @click=${() => this.type_(typed(this.text, key, numbers))}>${key}</button>`;
  }

  private other(counter: Counter, key: typeof SPOILED | typeof NO_VOTE): TemplateResult {
    return html`<button type="button" data-key=${key} ?data-last=${this.echo?.key === key} @click=${(event: MouseEvent) => this.tap(counter, key, event)}>
      <span>${this.nameOf(counter, key)}</span> <b>${written(count(counter.tally, key))}</b>
    </button>`;
  }

  private foot(counter: Counter): TemplateResult {
    const { steps, undone } = counter.tally;
    const next = steps[steps.length - 1];
    const many = counter.sheet.options.length > MOST_BUTTONS;
    const what = next ? this.markOf(next.key) : "";
    return html`<div class="count-foot">
      <button type="button" class="count-undo" ?disabled=${!next} @click=${() => this.undo(counter)}>
        <span aria-hidden="true">↶</span> ${say("ย้อน", "Undo")} <b>${what}</b>
      </button>
      ${undone.length
        ? html`<button type="button" class="count-redo" @click=${() => this.elsewhere || counter.redo()}><span aria-hidden="true">↷</span> ${say("คืน", "Redo")}</button>`
        : html`<button type="button" class="count-fix" aria-pressed=${this.fixing ? "true" : "false"} @click=${() => this.fix(!this.fixing)}>${say("แก้เลข", "Correct")}</button>`}
      ${many
        ? html`<button type="button" class="count-view" @click=${() => this.elsewhere || counter.show(counter.view === "pad" ? "all" : "pad")}>
            ${counter.view === "pad" ? say("ทุกเบอร์", "All") : say("แป้นเลข", "Keypad")}
          </button>`
        : nothing}
      <button type="button" class="count-done" @click=${() => this.finish(counter)}>${say("นับจบ", "Finished")}</button>
    </div>`;
  }

  private tap(counter: Counter, key: Key, event: Event): void {
    if (this.elsewhere) return;
    if (this.fixing) {
      this.type(key);
      return;
    }
    // The event's own time: a slow phone may handle two taps long after they happened.
    const counted = counter.tap(key, event.timeStamp, Date.now());
    this.echo = { key, kind: counted ? "counted" : "bounced" };
    if (this.desk.settings.haptic) feel(counted ? "counted" : "refused");
    if (counted && this.spoken) speak(Number(key) || this.spokenName(key));
    if (counted) void counter.report(Date.now());
    this.requestUpdate();
  }

  private undo(counter: Counter): void {
    const step = counter.tally.steps[counter.tally.steps.length - 1];
    if (!step || this.elsewhere) return;
    counter.undo();
    this.echo = { key: step.key, kind: "undone" };
    if (this.desk.settings.haptic) feel("undone");
    this.requestUpdate();
  }

  private type(key: Key): void {
    const counter = this.counter;
    const dialog = this.querySelector<CorrectFigure>("count-correct");
    if (!counter || !dialog || this.elsewhere) return;
    dialog.open(key, this.nameOf(counter, key), key === CAST ? counter.tally.cast : count(counter.tally, key));
  }

  private corrected(counter: Counter, { key, to, why }: { key: Key; to: number | null; why: Why }): void {
    counter.correct(key, to, why, Date.now());
    this.echo = { key, kind: "corrected" };
    this.fix(false);
  }

  private fix(on: boolean): void {
    this.fixing = on;
    this.toggleAttribute("fixing", on);
    this.requestUpdate();
  }

  private type_(text: string): void {
    this.text = text;
    this.requestUpdate();
  }

  private switchTo(ballot: string): void {
    this.ballot = ballot;
    this.text = "";
    this.echo = null;
    this.fix(false);
  }

  private readonly turnVoice = (): void => {
    this.spoken = !this.spoken;
    // A full disk says so where a count is kept; the voice itself has turned.
    void put("settings", { name: "spoken", value: this.spoken }).catch(() => undefined);
    if (this.spoken) speak(say("เปิดเสียงแล้ว", "เปิดเสียงแล้ว"));
    this.requestUpdate();
  };

  private finish(counter: Counter): void {
    if (!this.elsewhere) void counter.report(Date.now(), true);
    this.dispatchEvent(new CustomEvent("count-final", { bubbles: true, composed: true, detail: { ballot: counter.sheet.ballot } }));
  }

  private leave(name: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }

  private optionOf(counter: Counter, key: Key | undefined): OptionKit | undefined {
    return counter.sheet.options.find(({ number }) => String(number) === key);
  }

  private nameOf(counter: Counter, key: Key): string {
    if (key === SPOILED) return say("บัตรเสีย", "Spoiled");
    if (key === NO_VOTE) return say("ไม่เลือกผู้ใด", "No vote");
    if (key === CAST) return say("ผู้มาใช้สิทธิ", "Ballots cast");
    return told(this.optionOf(counter, key)?.name);
  }

  private markOf(key: Key): string {
    if (key === SPOILED) return say("เสีย", "sp.");
    if (key === NO_VOTE) return say("ไม่เลือก", "no v.");
    return key === CAST ? say("ผู้มา", "cast") : key;
  }

  private spokenName(key: Key): string {
    return key === SPOILED ? "บัตรเสีย" : "ไม่เลือกผู้ใด";
  }
}
