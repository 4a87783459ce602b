// <area-choice>: where somebody votes or can help, chosen by name: province, district, subdistrict. `value` is the code of the smallest area that is sure.
import { html, nothing } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { choicesOf, placesIn, stepName, type Choice } from "./areas";
import { Screen, troubleFrom } from "./element";
import { say } from "./language";

interface Step {
  choices: Choice[];
  chosen: Choice | null;
}

export class AreaChoice extends Screen {
  static override properties = { value: { attribute: false } };
  declare value: string;
  private steps: Step[] = [];
  /** The value that the steps show. */
  private shown: string | null = null;
  private turn = 0;

  constructor() {
    super();
    this.value = "";
  }

  protected override async load(): Promise<void> {
    if (this.shown === this.value) return;
    const value = (this.shown = this.value);
    const around = value ? placesIn(value).then((one) => one.around.map(({ code }) => code), () => []) : [];
    await this.fill([], [""], await around);
    // What cannot be shown as chosen is not chosen.
    if (this.value === value && !this.steps.some(({ chosen }) => chosen?.codes.includes(value))) this.value = this.shown = "";
  }

  /** Adds the steps that follow, as far as they are known; whoever chooses meanwhile is right. */
  private async fill(before: Step[], inside: string[], around: string[]): Promise<void> {
    const turn = ++this.turn;
    const steps = [...before];
    this.trouble = null;
    try {
      for (let codes = inside; codes.length > 0; ) {
        const choices = choicesOf(await Promise.all(codes.map(placesIn)));
        if (choices.length === 0) break;
        const places = choices.map((one) => around.findIndex((code) => one.codes.includes(code)));
        const nearest = Math.min(...places.filter((place) => place >= 0));
        const chosen = choices[places.indexOf(nearest)] ?? null;
        steps.push({ choices, chosen });
        codes = chosen?.codes ?? [];
      }
      if (turn === this.turn) this.steps = steps;
    } catch (error) {
      if (turn === this.turn) this.trouble = troubleFrom(error);
    }
    this.requestUpdate();
  }

  protected override updated(): void {
    if (this.shown !== this.value) void this.refresh();
  }

  private async choose(at: number, name: string): Promise<void> {
    const step = this.steps[at];
    if (!step) return;
    step.chosen = step.choices.find((one) => one.codes[0] === name) ?? null;
    this.steps = this.steps.slice(0, at + 1);
    this.tell();
    await this.fill(this.steps, step.chosen?.codes ?? [], []);
  }

  private tell(): void {
    const sure = this.steps.filter(({ chosen }) => chosen?.codes.length === 1);
    this.value = this.shown = sure[sure.length - 1]?.chosen?.codes[0] ?? "";
    this.requestUpdate();
    this.dispatchEvent(new CustomEvent("area", { detail: this.value, bubbles: true }));
  }

  protected override render(): unknown {
    const split = this.steps.some(({ chosen }) => (chosen?.codes.length ?? 0) > 1) && !this.steps[this.steps.length - 1]?.chosen;
    return html`${this.steps.map((step, at) => this.step(step, at))}
      ${split ? html`<p class="small" role="status">${say("อำเภอนี้อยู่ในหลายเขตเลือกตั้ง เลือกตำบลด้วย จะได้รู้ว่าเขตไหน", "This district lies in several constituencies: choose the subdistrict as well, so that we know which.")}</p>` : nothing} ${this.complaint()}`;
  }

  private step({ choices, chosen }: Step, at: number): unknown {
    const line = (one: Choice): unknown => html`<option value=${one.codes[0] ?? ""} .selected=${one === chosen}>${one.name}</option>`;
    const [wide, small] = [choices.filter(({ kind }) => kind === "constituency"), choices.filter(({ kind }) => kind !== "constituency")];
    const both = wide.length > 0 && small.length > 0;
    return keyed(choices, html`<label class="field"
      ><span>${stepName(chosen ? [chosen] : choices)}</span
      ><select data-step=${at} @change=${(event: Event) => void this.choose(at, (event.target as HTMLSelectElement).value)}>
        <option value="" .selected=${chosen === null}>${say("เลือก…", "Choose …")}</option>
        ${small.map(line)} ${both ? html`<optgroup label=${say("รู้แค่เขตเลือกตั้ง", "I only know the constituency")}>${wide.map(line)}</optgroup>` : wide.map(line)}
      </select></label
    >`);
  }
}
