// <count-final>: the figures of the signed form, typed in the order of the paper and checked while they are typed; also official figures.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Desk, Kept, Photograph, Stage } from "../app/facts";
import { get } from "../app/database";
import { clock, say, told } from "../app/language";
import { keepFor } from "../app/profiles";
import { draftKey, type CountKept } from "./counter";
import { draftOf, emptyVotes, empty, figuresOf, fromCount, fromReport, HEADS, unreadable, zeroed, type Typed } from "./form";
import { Keeper } from "./keeping";
import { lookedAt } from "./photographs";
import { sheetOf, type OptionKit, type SheetKit, type StationKit } from "./kit";
import { readNumber } from "./numbers";
import { thaiWords } from "./numberwords";
import { areaOf, ballotTabs, head, inColor, placeOf } from "./pieces";
import { review } from "./review";
import { checked, type Figures, type Sum } from "./sums";
import { ballots } from "./tally";
import { headName, MARK, sumName, sumWord, whyNotSaved } from "./wording";

interface FormKept {
  readonly key: string;
  readonly typed: Typed;
  /** The report whose figures were taken up, so that a newer one of another window is not overwritten unseen. */
  readonly after: string | null;
}

export class CountFinal extends LitElement {
  static override properties = { kit: { attribute: false }, desk: { attribute: false }, ballot: {}, stage: {}, sheet: {} };
  kit!: StationKit;
  desk!: Desk;
  ballot?: string;
  /** `final` unless said otherwise. */
  stage?: Stage;
  sheet?: string;
  private typed: Typed = {};
  private counted: CountKept | undefined;
  private newest: Kept | null = null;
  private photographs: readonly Photograph[] = [];
  private opened = "";
  /** The draft that stands on the screen: before it was read, nothing can be typed that it would take the place of. */
  private ready = "";
  /** Another window fills in this form. */
  private elsewhere = false;
  private release: (() => void) | null = null;
  private reviewing = false;
  private asked = false;
  private sending = false;
  private trouble: unknown = null;
  private keepers = new Map<string, Keeper<FormKept>>();

  override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.opened = "";
    this.release?.();
  }

  protected override willUpdate(_changes: PropertyValues): void {
    if (this.isConnected && this.kit && this.desk && this.opened !== this.key) void this.hold(this.key, { ifAvailable: true });
  }

  /** Two windows with one form would both send it: one fills it in, the next waits or takes it over, and then sees what was typed and sent. */
  private async hold(key: string, how: LockOptions): Promise<void> {
    [this.opened, this.ready] = [key, ""];
    this.release?.();
    if (!navigator.locks) return this.open(key);
    const held = (lock: Lock | null): Promise<void> | undefined => {
      if (this.opened !== key) return undefined;
      this.elsewhere = lock === null;
      this.requestUpdate();
      if (!lock) return undefined;
      void this.open(key);
      return new Promise((done) => (this.release = done));
    };
    try {
      await navigator.locks.request(`sapparot-form/${key}`, how, held);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "AbortError") return this.open(key);
      // Another window took it over.
      this.elsewhere = this.opened === key;
      this.requestUpdate();
    }
    if (this.opened === key && this.elsewhere) void this.hold(key, {});
  }

  private get paper(): SheetKit | undefined {
    const paper = this.kit && sheetOf(this.kit, this.ballot);
    return paper && this.sheet ? { ...paper, sheet: this.sheet } : paper;
  }

  private get kind(): Stage {
    return this.stage ?? "final";
  }

  private get key(): string {
    return draftKey(this.desk.person, this.paper?.sheet ?? "", this.kind);
  }

  /** One for each sheet: what waits to be written of one ballot is not pushed out by the other. */
  private get keeper(): Keeper<FormKept> {
    const known = this.keepers.get(this.key);
    if (known) return known;
    const { person } = this.desk;
    const made = new Keeper<FormKept>(
      (kept) => keepFor(person, "drafts", kept),
      () => this.requestUpdate(),
    );
    this.keepers.set(this.key, made);
    return made;
  }

  /** Takes up what was typed; else what was reported; the paper decides over both. */
  private async open(key: string): Promise<void> {
    const sheet = this.paper?.sheet ?? "";
    const found = await Promise.all([
      get<FormKept>("drafts", key),
      get<CountKept>("drafts", draftKey(this.desk.person, sheet, "progress")),
      this.desk.newest(sheet, this.kind),
    ]).catch((error: unknown) => void (this.trouble = error));
    if (this.opened !== key) return;
    const [kept, counted, newest] = found ?? [undefined, undefined, null];
    this.newest = newest;
    this.counted = counted;
    const fresh = newest !== null && (!kept || kept.after !== newest.id);
    this.typed = fresh ? fromReport(newest.draft) : (kept?.typed ?? this.beginning());
    this.ready = key;
    this.reviewing = false;
    this.requestUpdate();
  }

  /** The number of eligible voters is known before; the form may say another one. */
  private beginning(): Typed {
    const { eligible } = this.kit.station;
    return eligible && !this.sheet ? { eligible: String(eligible) } : {};
  }

  private take(typed: Typed): void {
    this.typed = typed;
    this.asked = false;
    void this.keeper.keep({ key: this.key, typed, after: this.newest?.id ?? null });
    this.requestUpdate();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { paper } = this;
    if (!paper) return nothing;
    const figures = figuresOf(paper, this.typed);
    const { title, under } = this.sheet ? areaOf(this.kit, this.sheet) : placeOf(this.kit);
    const name = this.kind === "official" ? say("ตัวเลขทางการ", "Official figures") : say("ผลสุดท้าย", "Final result");
    if (this.elsewhere) return html`${head(`${name} · ${title}`, under, () => this.leave())} ${this.away()}`;
    if (this.reviewing) return html`${head(say("ตรวจทานก่อนส่ง", "Check before sending"), `${told(paper.name)} · ${title}`, () => this.look(false))} ${this.review(paper, figures)}`;
    return html`${head(`${name} · ${title}`, under, () => this.leave())}
      ${this.sheet ? nothing : ballotTabs(this.kit, sheetOf(this.kit, this.ballot) ?? paper, () => "", (ballot) => this.turn(ballot))} ${this.ready === this.key ? this.form(paper, figures) : nothing}`;
  }

  private form(paper: SheetKit, figures: Figures): TemplateResult {
    return html`${this.sums(figures)}
      <form class="count-form" data-saved=${this.keeper.state} @submit=${this.forward} @keydown=${this.onwards} novalidate>
        ${this.alarm()} ${this.sentBefore()}
        <count-photographs
          .person=${this.desk.person}
          .sheet=${paper.sheet}
          .forms=${paper.forms}
          .official=${this.kind === "official"}
          .felt=${this.desk.settings.haptic}
          @count-photographs=${this.photographed}
        ></count-photographs>
        <h2>${say("ตัวเลขตามแบบ", "Figures of the form")}</h2>
        ${this.prefill(paper)} ${HEADS.map((field) => this.row(field, headName(field)))}
        <h2>${say("คะแนนตามลำดับบนแบบ", "Votes in the order of the form")}</h2>
        ${paper.options.map((option) => this.row(String(option.number), told(option.name), option))} ${this.zeroes(paper)}
        <button class="count-main" type="submit">${say("ตรวจทาน", "Check and send")}</button>
      </form>`;
  }

  private sums(figures: Figures): TemplateResult {
    const shown = checked(figures).filter((sum) => sum.name !== "people" || sum.state === "over");
    return html`<ul class="count-sums" aria-live="polite">
      ${shown.map((sum) => this.sumLine(sum))}
    </ul>`;
  }

  private sumLine(sum: Sum): TemplateResult {
    const state = sum.state === "missing" && sum.empty ? "coming" : sum.state;
    return html`<li data-sum=${sum.name} data-state=${state}><i aria-hidden="true">${state === "coming" ? "…" : MARK[sum.state]}</i> <span>${sumName(sum)}</span> <b>${sumWord(sum)}</b></li>`;
  }

  private alarm(): TemplateResult | typeof nothing {
    if (this.keeper.state !== "failed" && !this.trouble) return nothing;
    return html`<p class="count-alarm" role="alert">
      ${whyNotSaved(this.trouble ?? this.keeper.fault, say("เครื่องบันทึกไม่ได้ อาจเต็ม ลบรูปหรือวิดีโอเก่า แล้วลองอีกครั้ง", "The phone cannot save; it may be full. Delete old pictures or videos, then try again."))}
    </p>`;
  }

  private away(): TemplateResult {
    return html`<p class="count-alarm" role="alert">
        ${say("แบบนี้กำลังกรอกอยู่ในอีกหน้าต่างหนึ่งของเครื่องนี้ ถ้ากรอกที่นี่แทน ตัวเลขที่กรอกไว้จะตามมาด้วย", "This form is open in another window of this phone. Take it over, and what was typed there comes along.")}
      </p>
      <button type="button" class="count-main" @click=${() => void this.hold(this.key, { steal: true })}>${say("กรอกที่นี่แทน", "Fill it in here")}</button>`;
  }

  private sentBefore(): TemplateResult | typeof nothing {
    if (!this.newest) return nothing;
    const at = clock(this.newest.made_at);
    return html`<p class="count-note">${say(`ส่งผลนี้แล้วเมื่อ ${at} ถ้าแก้แล้วส่งใหม่ ผลใหม่จะแทนของเดิม`, `Sent at ${at}. If you correct it and send again, the new one takes its place.`)}</p>`;
  }

  private prefill(paper: SheetKit): TemplateResult | typeof nothing {
    if (this.kind !== "final" || !this.counted || ballots(this.counted.tally) === 0 || emptyVotes(paper, this.typed).length === 0) return nothing;
    return html`<button type="button" class="count-prefill" @click=${() => this.take(fromCount(paper, this.typed, this.counted?.tally))}>
      ${say("เริ่มจากเลขที่นับไว้ แล้วเทียบกับแบบทีละบรรทัด", "Begin with what you counted, then compare line by line")}
    </button>`;
  }

  private row(field: string, name: string, option?: OptionKit): TemplateResult {
    const text = this.typed[field] ?? "";
    const value = readNumber(text);
    const wrong = Number.isNaN(value);
    return html`<div class="count-row" .style=${inColor(option)}>
      <label for="count-${field}">${option ? html`<b class="count-chip">${option.number}</b> ` : nothing}<span>${name}</span></label>
      <input
        id="count-${field}"
        name=${field}
        type="text"
        inputmode="numeric"
        autocomplete="off"
        enterkeyhint="next"
        maxlength="11"
        .value=${text}
        aria-invalid=${wrong ? "true" : "false"}
        aria-describedby="count-words-${field}"
        @input=${(event: Event) => this.take({ ...this.typed, [field]: (event.target as HTMLInputElement).value })}
      />
      <p id="count-words-${field}" lang=${wrong ? nothing : "th"} ?data-wrong=${wrong}>${wrong ? say("ใส่เป็นตัวเลขเท่านั้น", "Digits only, please") : value === null ? "" : thaiWords(value)}</p>
    </div>`;
  }

  private zeroes(paper: SheetKit): TemplateResult | typeof nothing {
    const left = emptyVotes(paper, this.typed).length;
    if (left === 0 || left === paper.options.length) return nothing;
    return html`<button type="button" class="count-prefill" @click=${() => this.take(zeroed(paper, this.typed))}>
      ${say(`ช่องที่ยังว่าง ${left} ช่อง เป็น 0 ทั้งหมด`, `The ${left} empty lines are all 0`)}
    </button>`;
  }

  private review(paper: SheetKit, figures: Figures): TemplateResult {
    return review({
      paper,
      figures,
      photographs: this.photographs,
      asked: this.asked,
      sending: this.sending,
      replaces: this.newest !== null,
      alarm: this.alarm(),
      back: () => this.look(false),
      ask: () => this.ask(),
      send: () => void this.send(paper, figures),
    });
  }

  private readonly forward = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { key } = this;
    // A slow phone looks at a picture for seconds: who goes on at once sends it all the same.
    await lookedAt();
    if (!this.isConnected || this.ready !== key || this.key !== key) return;
    const [wrong] = this.paper ? unreadable(this.paper, this.typed) : [];
    if (wrong) this.querySelector<HTMLInputElement>(`#count-${wrong}`)?.focus();
    else if (!empty(this.typed) || this.photographs.length) this.look(true);
  };

  /** Enter goes on to the next line of the form, as the keyboard's key says. */
  private readonly onwards = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || event.target.type !== "text") return;
    event.preventDefault();
    const lines = Array.from(this.querySelectorAll<HTMLInputElement>(".count-row input"));
    const next = lines[lines.indexOf(event.target) + 1];
    next?.focus();
    next?.select();
    next?.scrollIntoView({ block: "center" });
  };

  private readonly photographed = (event: CustomEvent<readonly Photograph[]>): void => {
    this.photographs = event.detail;
    this.desk.send();
    this.requestUpdate();
  };

  private async send(paper: SheetKit, figures: Figures): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    this.requestUpdate();
    try {
      const newest = await this.desk.newest(paper.sheet, this.kind);
      const fresh = newest !== null && newest.id !== this.newest?.id;
      // Another window has sent meanwhile: the form says so before this one takes its place.
      if (fresh) this.newest = newest;
      else await this.report(paper, figures);
      this.reviewing = false;
      this.trouble = null;
    } catch (error) {
      this.trouble = error;
    }
    this.sending = false;
    this.asked = false;
    this.requestUpdate();
  }

  private async report(paper: SheetKit, figures: Figures): Promise<void> {
    // A report that was refused stands nowhere: there is nothing to take the place of.
    const replaces = this.newest?.way === "refused" ? undefined : this.newest?.id;
    const kept = await this.desk.report(draftOf(figures, { sheet: paper.sheet, stage: this.kind, evidence: this.photographs, replaces }));
    this.newest = kept;
    await this.keeper.keep({ key: this.key, typed: this.typed, after: kept.id });
    this.desk.send();
    this.dispatchEvent(new CustomEvent("count-kept", { bubbles: true, composed: true, detail: { id: kept.id } }));
  }

  private ask(): void {
    this.asked = true;
    this.requestUpdate();
  }

  private look(reviewing: boolean): void {
    this.reviewing = reviewing;
    this.asked = false;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(reviewing ? ".count-review" : ".count-form")?.scrollTo(0, 0));
  }

  private turn(ballot: string): void {
    this.ballot = ballot;
    this.typed = {};
    this.photographs = [];
    this.newest = null;
  }

  private leave(): void {
    this.dispatchEvent(new CustomEvent("count-close", { bubbles: true, composed: true }));
  }
}
