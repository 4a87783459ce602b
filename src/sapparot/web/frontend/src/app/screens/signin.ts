// Signing in with a telephone number: for the first person on this phone, for another one, or again.
import { html, nothing } from "lit";
import { all } from "../database";
import { back, Screen } from "../element";
import type { Profile } from "../facts";
import { link, say, told } from "../language";
import { begin, networks, plainDigits, type Network } from "../signing-in";

export class SigninScreen extends Screen {
  static override properties = { about: { attribute: false } };
  /** A person who is to sign in again; empty for anybody. */
  declare about: string;
  private found: Network[] = [];
  private network = "";
  private phone = "";
  private handle = "";

  protected override async load(): Promise<void> {
    const known = (await all<Profile>("profiles")).find((one) => one.person === this.about);
    if (known) this.network ||= known.network;
    this.found = await networks().catch(() => []);
    if (known && !this.found.some((one) => one.id === known.network)) this.found = [{ id: known.network, name: known.network_name }, ...this.found];
    if (this.found.length === 1) this.network ||= this.found[0]?.id ?? "";
  }

  private async ask(): Promise<void> {
    this.handle = "";
    await this.attempt(async () => {
      this.handle = (await begin(this.network, this.phone)).handle;
    });
  }

  protected override render(): unknown {
    if (this.handle) {
      return html`<button class="back" @click=${() => ((this.handle = ""), this.requestUpdate())}><span aria-hidden="true">‹</span> ${say("เปลี่ยนเบอร์", "Another number")}</button>
        <h1 tabindex="-1">${say("ใส่รหัสจากข้อความ", "Enter the code")}</h1>
        <code-form .handle=${this.handle} .phone=${this.phone} @again=${() => void this.ask()} @signed-in=${() => (location.hash = "#/")}></code-form>`;
    }
    return html`${back(this.about ? "#/me" : "#/")}
      <h1 tabindex="-1">${say("เข้าใช้ด้วยเบอร์โทร", "Sign in with your number")}</h1>
      <form class="form" @submit=${(event: Event) => (event.preventDefault(), void this.ask())}>
        <label class="field"
          ><span>${say("เครือข่าย", "Network")}</span>
          <select required @change=${(event: Event) => (this.network = (event.target as HTMLSelectElement).value)}>
            <option value="">${say("เลือกเครือข่าย", "Choose")}</option>
            ${this.found.map((one) => html`<option value=${one.id} ?selected=${one.id === this.network}>${told(one.name)}</option>`)}
          </select>
        </label>
        <label class="field"
          ><span>${say("เบอร์โทรศัพท์", "Telephone number")}</span>
          <input type="tel" autocomplete="tel" inputmode="tel" required maxlength="40" placeholder="08x xxx xxxx" .value=${this.phone} @input=${(event: Event) => (this.phone = plainDigits((event.target as HTMLInputElement).value))} />
        </label>
        ${this.complaint()}
        <button class="main" ?disabled=${this.busy}>${this.busy ? say("กำลังส่ง…", "Sending …") : say("ส่งรหัสให้ฉัน", "Send me the code")}</button>
      </form>
      <p class="small"><a href=${`${link("/sign-in")}?next=${link("/app")}`}>${say("เข้าด้วยพาสคีย์ หรือบัญชีที่เชื่อมไว้ เช่น LINE", "Sign in with a passkey, or a linked account such as LINE")}</a></p>
      ${this.about ? nothing : html`<p class="small">${say("ยังไม่เคยสมัคร? เปิดลิงก์หรือ QR ของเครือข่ายก่อน", "Not joined yet? Open your network's link or QR code first.")}</p>`}`;
  }
}
