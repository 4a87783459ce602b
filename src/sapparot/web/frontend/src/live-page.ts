// <live-page>: keeps a page of those who lead up to date. It asks for the same page again and again; the server answers with
// nothing while nothing has changed, and what came is morphed in. It waits while somebody types, and while nobody looks.
import { morph } from "./morph";

const SHORTEST = 5;

export class LivePage extends HTMLElement {
  private timer = 0;

  connectedCallback(): void {
    document.addEventListener("visibilitychange", this.seen);
    addEventListener("online", this.seen);
    this.wait();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.seen);
    removeEventListener("online", this.seen);
    clearTimeout(this.timer);
  }

  private readonly seen = (): void => {
    if (!document.hidden) void this.ask();
  };

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), Math.max(SHORTEST, Number(this.dataset.every)) * 1000);
  }

  private async ask(): Promise<void> {
    this.wait();
    if (document.hidden || typing()) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { "if-none-match": `"${this.dataset.tag ?? ""}"` } });
      if (answer.redirected) return location.reload(); // the session has ended: the way leads to signing in
      if (answer.ok) this.show(await answer.text());
      else if (answer.status !== 304) throw new Error(String(answer.status));
      this.tell("live");
    } catch {
      this.tell("away");
    }
  }

  private show(html: string): void {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("main");
    const main = document.querySelector("main");
    if (fresh && main && !typing()) morph(main, fresh);
  }

  /** The sentences stand in data-live and data-away. */
  private tell(state: "live" | "away"): void {
    this.setAttribute("state", state);
    const words = this.querySelector("[data-state]");
    if (words) words.textContent = this.dataset[state] ?? "";
  }
}

/** Whether somebody is in the middle of a form; what was typed must not be lost. */
function typing(): boolean {
  const at = document.activeElement;
  if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement) return true;
  return document.querySelector("details.do[open] form") !== null;
}
