// <live-count>: keeps the page at the newest snapshot. It listens to the event stream and falls back to asking for
// latest.json; it fetches the same page as a fragment and morphs it in. The reader can stop it, and it stops itself while
// nobody looks. Words come from the server in data-* attributes.
import { morph } from "./morph";

const SHORTEST_GAP = 4_000; // milliseconds between two fetches: a page is read, not watched frame by frame
const SPREAD = 1_500; // readers do not all ask in the same moment
const POLL = 10_000;
const RETRY_STREAM = 60_000;
const QUIET = 180_000; // without a new snapshot: that nothing comes is not the same as live
const SHORTEST_SILENCE = 30_000; // between two announcements to a screen reader

export class LiveCount extends HTMLElement {
  private source: EventSource | null = null;
  private timer = 0;
  private poll = 0;
  private retry = 0;
  private fetchedAt = 0;
  private spokenAt = 0;
  private waiting = false;
  private paused = false;
  private changedAt = Date.now() - ageAtOpening();

  connectedCallback(): void {
    const button = this.querySelector("button");
    button?.removeAttribute("hidden");
    button?.addEventListener("click", () => this.toggle());
    document.addEventListener("visibilitychange", () => document.hidden || this.catchUp());
    addEventListener("online", () => this.catchUp());
    addEventListener("offline", () => this.tell("away"));
    setInterval(() => this.getAttribute("state") === "live" && this.tell("live"), QUIET / 6);
    this.listen();
  }

  private listen(): void {
    clearTimeout(this.retry);
    const source = (this.source = new EventSource(this.dataset.events ?? ""));
    source.onopen = () => {
      clearInterval(this.poll);
      if (!this.paused) this.tell("live");
    };
    source.addEventListener("result", (event) => this.heard(event.data));
    // A notice says that more was missed than the stream repeats; the newest snapshot has it all.
    source.addEventListener("notice", () => this.wish());
    source.onerror = () => {
      // The browser reconnects by itself, with Last-Event-ID, unless the door refused it.
      if (source.readyState !== EventSource.CLOSED) return;
      clearInterval(this.poll);
      this.poll = window.setInterval(() => void this.ask(), POLL);
      this.retry = window.setTimeout(() => this.listen(), RETRY_STREAM);
    };
  }

  /** A snapshot was published; the stream begins with the newest one, which the page may show already. */
  private heard(data: string): void {
    const { n } = JSON.parse(data) as { n: number };
    if (n > Number(this.dataset.n)) this.wish();
  }

  /** Asks which snapshot is the latest, for networks that cut event streams. */
  private async ask(): Promise<void> {
    if (document.hidden || this.paused) return;
    try {
      const answer = await fetch(this.dataset.latest ?? "", { cache: "no-cache" });
      if (answer.ok) this.heard(await answer.text());
    } catch {
      this.tell("away");
    }
  }

  /** Something is new: fetch soon, at most once in SHORTEST_GAP. */
  private wish(): void {
    this.waiting = true;
    if (this.timer || this.paused || document.hidden) return;
    const gap = Math.max(0, this.fetchedAt + SHORTEST_GAP - Date.now());
    this.timer = window.setTimeout(() => void this.refresh(), gap + Math.random() * SPREAD);
  }

  private catchUp(): void {
    if (this.source?.readyState === EventSource.CLOSED) this.listen();
    if (this.waiting) this.wish();
    else void this.ask();
  }

  private async refresh(): Promise<void> {
    this.timer = 0;
    this.waiting = false;
    this.fetchedAt = Date.now();
    const url = new URL(location.href);
    url.searchParams.set("fragment", "1");
    try {
      const answer = await fetch(url, { headers: { accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.text());
    } catch {
      this.tell("away");
    }
  }

  private show(html: string): void {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("main");
    const main = document.querySelector("main");
    if (!fresh || !main || this.paused) return;
    if (fresh.dataset.roll !== this.dataset.roll) {
      // The first snapshot, or another election: its colours stand in the frame, not in the fragment.
      location.reload();
      return;
    }
    hold(main, () => morph(main, fresh));
    if (this.dataset.n !== fresh.dataset.n) this.changedAt = Date.now();
    this.dataset.n = fresh.dataset.n;
    const time = this.querySelector("time");
    if (time) time.textContent = fresh.dataset.time ?? "";
    this.tell("live");
    this.announce(fresh.dataset.summary ?? "");
  }

  private announce(sentence: string): void {
    const status = this.querySelector("[role=status]");
    if (!status || Date.now() - this.spokenAt < SHORTEST_SILENCE) return;
    this.spokenAt = Date.now();
    status.textContent = sentence;
  }

  private toggle(): void {
    this.paused = !this.paused;
    clearTimeout(this.timer);
    this.timer = 0;
    this.tell(this.paused ? "paused" : "live");
    if (!this.paused) this.catchUp();
  }

  /** Shows whether the page is live, long without news, paused or cut off; the words stand in data-live, data-quiet, data-paused, data-away. */
  private tell(said: "live" | "paused" | "away"): void {
    if (said === "away" && this.paused) return;
    const state = said === "live" && Date.now() - this.changedAt >= QUIET ? "quiet" : said;
    this.setAttribute("state", state);
    const words = this.querySelector("[data-state]");
    if (words) words.textContent = this.dataset[state] ?? "";
    const button = this.querySelector("button");
    if (button) button.textContent = (this.paused ? this.dataset.resume : this.dataset.pause) ?? "";
  }
}

/** How old the snapshot was when the server handed this page out, in milliseconds and by the server's clock: a phone's own may be hours off. */
function ageAtOpening(): number {
  const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return page?.serverTiming?.find((one) => one.name === "snapshot")?.duration ?? 0;
}

/** Changes the page and keeps what is being read where it is on the screen; no browser but Chromium does so by itself. */
function hold(main: Element, change: () => void): void {
  const focused = document.activeElement;
  const read = focused && main.contains(focused) ? focused : document.elementFromPoint(innerWidth / 2, innerHeight / 3);
  const top = read?.getBoundingClientRect().top ?? 0;
  change();
  if (scrollY > 0 && read?.isConnected) scrollBy(0, read.getBoundingClientRect().top - top);
}
