// <join-form>: takes over the form that the server wrote; sends it, asks for the code, and leads into the app.
import { AreaChoice } from "./area-choice";
import type { Trouble } from "./facts";
import { CodeForm } from "./code-form";
import { troubleFrom } from "./element";
import { install } from "./installing";
import { lang, link, told } from "./language";
import { plainDigits, type Begun } from "./signing-in";
import { json } from "./wire";

const LATER = 1_500;

export class JoinForm extends HTMLElement {
  private form: HTMLFormElement | null = null;
  private began = false;

  connectedCallback(): void {
    if (this.began) return;
    this.began = true;
    if (!customElements.get("code-form")) customElements.define("code-form", CodeForm);
    if (!customElements.get("area-choice")) customElements.define("area-choice", AreaChoice);
    this.form = this.querySelector("form");
    const area = this.area();
    if (area) area.value = /[#&]area=([\w-]+)/.exec(location.hash)?.[1] ?? "";
    this.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    for (const tongue of document.querySelectorAll<HTMLAnchorElement>("a.tongue")) {
      tongue.search = location.search;
      tongue.hash = location.hash;
    }
    if (this.dataset["open"] === "0" && !this.invite()) this.complain(NEEDS_INVITE);
    // While the name is being typed, the app is already on its way onto the phone; the page itself comes first.
    setTimeout(() => void install(() => undefined), LATER);
  }

  /** Invite codes come behind the # of a link, where no server writes them down; older links have them in the query. */
  private invite(): string | null {
    return /[#?&]invite=([\w-]+)/.exec(location.hash)?.[1] ?? new URLSearchParams(location.search).get("invite");
  }

  private area(): AreaChoice | null {
    return this.querySelector<AreaChoice>("area-choice");
  }

  private asked(): Record<string, unknown> {
    const said = new FormData(this.form ?? undefined);
    const ticks = [...(this.form?.querySelectorAll<HTMLInputElement>("input[type=checkbox]:checked") ?? [])];
    const [invite, area] = [this.invite(), this.area()?.value];
    return {
      network: this.dataset["network"],
      name: String(said.get("name") ?? "").trim(),
      phone: plainDigits(String(said.get("phone") ?? "")),
      consents: ticks.map((tick) => ({ purpose: tick.name, version: Number(tick.value) })),
      lang: lang(),
      ...(invite && { invite }),
      // Who cleared what the link brought has said so: without the member, the area of the link would hold.
      area: area || null,
    };
  }

  private async send(): Promise<void> {
    const button = this.form?.querySelector<HTMLButtonElement>("button[type=submit]");
    if (!this.form || !button) return;
    button.disabled = true;
    this.complain(null);
    try {
      const asked = this.asked();
      const begun = await json<Begun>("POST", "/v1/join", { body: asked });
      this.askCode(begun.handle, String(asked["phone"]));
    } catch (error) {
      this.complain(troubleFrom(error));
    } finally {
      button.disabled = false;
    }
  }

  private askCode(handle: string, phone: string): void {
    const code = document.createElement("code-form") as CodeForm;
    code.handle = handle;
    code.phone = phone;
    code.addEventListener("signed-in", () => location.replace(link("/app")));
    code.addEventListener("again", () => {
      code.remove();
      void this.send();
    });
    if (this.form) this.form.hidden = true;
    this.append(code);
    scrollTo({ top: 0 });
  }

  private complain(trouble: Trouble | null): void {
    const place = this.querySelector<HTMLElement>("[data-trouble]");
    if (!place) return;
    place.hidden = trouble === null;
    place.replaceChildren(trouble ? [told(trouble.title), told(trouble.detail)].filter((text, at, all) => text && all.indexOf(text) === at).join(" · ") : "");
    if (trouble && this.form) this.form.hidden = false;
  }
}

const NEEDS_INVITE: Trouble = {
  code: "phone.invite_needed",
  title: { th: "เครือข่ายนี้รับเฉพาะผู้ที่มีลิงก์เชิญ", en: "This network takes people with an invite link only" },
  detail: { th: "ขอลิงก์จากคนที่ชวนคุณ", en: "Ask the person who told you about it for a link." },
};
