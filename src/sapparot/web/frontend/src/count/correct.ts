// <count-correct>: one figure typed instead of tapped, with the reason when it falls. A dialog, so that nothing else is touched meanwhile.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { say } from "../app/language";
import { readNumber, written } from "./numbers";
import { thaiWords } from "./numberwords";
import { CAST, type Key, type Why } from "./tally";

const REASONS: [Exclude<Why, "tap">, string, string][] = [
  ["slip", "แตะผิด", "Tapped wrongly"],
  ["misheard", "ฟังผิด", "Misheard"],
  ["recount", "กรรมการนับใหม่", "Counted again"],
];

export class CorrectFigure extends LitElement {
  private key: Key = "";
  private name = "";
  private earlier: number | null = null;
  private text = "";
  private why: Exclude<Why, "tap"> = "slip";

  override createRenderRoot(): this {
    return this;
  }

  open(key: Key, name: string, earlier: number | null): void {
    Object.assign(this, { key, name, earlier, text: earlier === null ? "" : String(earlier), why: "slip" });
    this.requestUpdate();
    void this.updateComplete.then(() => {
      this.querySelector("dialog")?.showModal();
      this.querySelector("input")?.select();
    });
  }

  private get value(): number | null {
    return readNumber(this.text);
  }

  protected override render(): TemplateResult {
    const { value } = this;
    const wrong = Number.isNaN(value) || (value === null && this.key !== CAST);
    return html`<dialog class="count-dialog" aria-labelledby="count-correct-name">
      <form method="dialog" @submit=${this.done}>
        <h2 id="count-correct-name">${Number(this.key) ? `${this.key} · ` : ""}${this.name}</h2>
        <label>
          <span>${this.earlier === null ? say("ใส่จำนวน", "Type the number") : say(`ตอนนี้ ${written(this.earlier)} แก้เป็น`, `Now ${written(this.earlier)}, change to`)}</span>
          <input type="text" inputmode="numeric" autocomplete="off" maxlength="9" .value=${this.text} @input=${this.typed} aria-invalid=${wrong ? "true" : "false"} />
        </label>
        <p class="count-words" lang="th">${value !== null && !Number.isNaN(value) ? thaiWords(value) : " "}</p>
        ${this.key !== CAST && value !== null && value < (this.earlier ?? 0) ? this.reasons() : nothing}
        <div class="count-choices">
          <button type="button" @click=${this.close}>${say("ไม่แก้", "Cancel")}</button>
          <button type="submit" class="count-main" ?disabled=${wrong}>${say("ใช้เลขนี้", "Use it")}</button>
        </div>
      </form>
    </dialog>`;
  }

  private reasons(): TemplateResult {
    return html`<fieldset>
      <legend>${say("ตัวเลขลดลงเพราะ", "It falls because")}</legend>
      ${REASONS.map(
        ([why, th, en]) => html`<label><input type="radio" name="why" .checked=${this.why === why} @change=${() => (this.why = why)} /> ${say(th, en)}</label>`,
      )}
    </fieldset>`;
  }

  private readonly typed = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value;
    this.requestUpdate();
  };

  private readonly close = (): void => this.querySelector("dialog")?.close();

  private readonly done = (event: Event): void => {
    event.preventDefault();
    const { key, value: to, why } = this;
    if (Number.isNaN(to)) return;
    this.close();
    this.dispatchEvent(new CustomEvent("count-corrected", { detail: { key, to, why } }));
  };
}
