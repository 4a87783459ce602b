// What every screen is: an element in the page itself (no shadow), drawn again whenever what it shows may have changed on the disk.
import { LitElement, html, nothing, type TemplateResult } from "lit";
import { watch, type Store } from "./database";
import { AppProblem, type Trouble } from "./facts";
import { say, told } from "./language";
import { Offline } from "./wire";

export abstract class Screen extends LitElement {
  /** Stores whose changes this screen shows. */
  protected readonly shows: readonly Store[] = [];
  protected trouble: Trouble | null = null;
  protected busy = false;
  private ended: (() => void) | null = null;
  private loading: Promise<void> | null = null;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.ended = watch((store) => this.shows.includes(store) && void this.refresh());
    addEventListener("online", this.online);
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("online", this.online);
    this.ended?.();
  }

  /** Reads what the screen shows. */
  protected async load(): Promise<void> {
    return Promise.resolve();
  }

  protected async refresh(): Promise<void> {
    this.loading ??= Promise.resolve().then(async () => {
      this.loading = null;
      await this.load();
      this.requestUpdate();
    });
    return this.loading;
  }

  private readonly online = (): void => {
    if (this.trouble?.code === OFFLINE.code) void this.anew();
  };

  /** Loads once more what nobody answered. */
  protected async anew(): Promise<void> {
    this.trouble = null;
    this.requestUpdate();
    await this.refresh();
  }

  /** Does something that may fail, says why in plain words, and is busy meanwhile. Returns whether it was done. */
  protected async attempt(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.trouble = null;
    this.requestUpdate();
    try {
      await work();
      return true;
    } catch (error) {
      this.trouble = troubleFrom(error);
      return false;
    } finally {
      this.busy = false;
      this.requestUpdate();
    }
  }

  protected complaint(): TemplateResult | typeof nothing {
    return complaint(this.trouble);
  }
}

export const OFFLINE: Trouble = {
  code: "phone.offline",
  title: { th: "ตอนนี้ไม่มีสัญญาณ", en: "There is no network right now" },
  detail: { th: "ลองใหม่เมื่อมีสัญญาณ สิ่งที่บันทึกไว้ในเครื่องยังอยู่ครบ", en: "Try again when there is one. Everything that you saved is still on this phone." },
};

export function troubleFrom(error: unknown): Trouble {
  if (error instanceof AppProblem) return error.trouble;
  if (error instanceof Offline) return OFFLINE;
  console.error(error);
  return { code: "phone.unexpected", title: { th: "เกิดข้อผิดพลาดในเครื่อง ลองใหม่อีกครั้ง", en: "Something went wrong on this phone. Try again." } };
}

export function complaint(trouble: Trouble | null | undefined): TemplateResult | typeof nothing {
  if (!trouble) return nothing;
  return html`<div class="trouble" role="alert"><b>${told(trouble.title)}</b>${trouble.detail && told(trouble.detail) !== told(trouble.title) ? html`<p>${told(trouble.detail)}</p>` : nothing}</div>`;
}

export function back(to: string, words?: string): TemplateResult {
  return html`<a class="back" href=${to}><span aria-hidden="true">‹</span> ${words ?? say("กลับ", "Back")}</a>`;
}
