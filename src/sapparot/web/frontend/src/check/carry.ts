// What somebody takes along: a small code that leads any phone to the entry, and the receipt itself, as a file and as codes.
import type { QrCodes } from "./codes";
import type { Outcome } from "./judge";
import { linksFor } from "./parts";

export class Carry {
  private receipt = "";
  private url = "";

  constructor(private readonly place: HTMLElement) {
    this.inside("[data-whole]")?.addEventListener("click", () => void this.whole());
  }

  /** Offers what belongs to an outcome, or nothing. */
  async offer(outcome: Outcome): Promise<void> {
    this.clear();
    if (!outcome.receipt || outcome.index === null) return;
    this.receipt = outcome.receipt;
    this.url = URL.createObjectURL(new Blob([outcome.receipt], { type: "text/plain" }));
    const save = this.inside("[data-save]");
    save?.setAttribute("href", this.url);
    save?.setAttribute("download", `entry-${outcome.index}.tlog-proof`);
    this.place.hidden = false;
    await this.codes("[data-link]")?.show([`${page()}#entry=${outcome.index}`]);
  }

  clear(): void {
    this.place.hidden = true;
    this.inside("[data-whole]")?.removeAttribute("hidden");
    this.inside("[data-long]")?.setAttribute("hidden", "");
    for (const name of ["[data-link]", "[data-codes]"]) this.codes(name)?.clear();
    URL.revokeObjectURL(this.url);
  }

  private async whole(): Promise<void> {
    const links = await linksFor(this.receipt, page());
    this.inside("[data-whole]")?.setAttribute("hidden", "");
    if (links.length > 0) await this.codes("[data-codes]")?.show(links);
    else this.inside("[data-long]")?.removeAttribute("hidden");
  }

  private codes(selector: string): QrCodes | null {
    return this.place.querySelector<QrCodes>(selector);
  }

  private inside(selector: string): Element | null {
    return this.place.querySelector(selector);
  }
}

/** This page's address, without what is checked on it. */
function page(): string {
  return location.origin + location.pathname;
}
