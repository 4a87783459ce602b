// <code-form>: the code that came by message; six digits, filled in by the phone itself where it can.
import { html } from "lit";
import { Screen } from "./element";
import { enterCode } from "./signing-in";
import { say } from "./language";

const LENGTH = 6;
const WAIT = 30_000;

export class CodeForm extends Screen {
  static override properties = { handle: { attribute: false }, phone: { attribute: false } };
  declare handle: string;
  declare phone: string;
  private code = "";
  private shown = Date.now();
  private ticking: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.ticking = setInterval(() => this.requestUpdate(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  protected override firstUpdated(): void {
    this.querySelector("input")?.focus();
  }

  private async enter(): Promise<void> {
    const done = await this.attempt(async () => {
      const profile = await enterCode(this.handle, this.code);
      this.dispatchEvent(new CustomEvent("signed-in", { detail: profile, bubbles: true }));
    });
    if (!done) this.querySelector("input")?.select();
  }

  private typed(event: Event): void {
    this.code = (event.target as HTMLInputElement).value;
    if (this.code.replace(/\s/g, "").length === LENGTH) void this.enter();
  }

  protected override render(): unknown {
    const left = Math.ceil((this.shown + WAIT - Date.now()) / 1000);
    return html`<form class="form" @submit=${(event: Event) => (event.preventDefault(), void this.enter())}>
      <label class="field"
        ><span>${say("รหัส 6 หลักที่ส่งไปที่", "The 6 digits that we sent to")} ${this.phone}</span>
        <input class="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required aria-describedby="code-help" @input=${this.typed} />
        <small id="code-help">${say("มักมาถึงภายในหนึ่งนาที", "It usually comes within a minute.")}</small>
      </label>
      ${this.complaint()}
      <button class="main" ?disabled=${this.busy}>${this.busy ? say("กำลังตรวจ…", "Checking …") : say("ยืนยัน", "Confirm")}</button>
      <button type="button" class="quiet" ?disabled=${left > 0} @click=${() => this.dispatchEvent(new CustomEvent("again", { bubbles: true }))}>
        ${left > 0 ? say(`ขอรหัสใหม่ได้ในอีก ${left} วินาที`, `A new code in ${left} s`) : say("ไม่ได้รับรหัส ขอใหม่", "No code came: send another")}
      </button>
    </form>`;
  }
}
