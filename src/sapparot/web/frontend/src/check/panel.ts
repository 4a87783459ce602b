// <check-entry>: takes receipts, pictures, links and numbers, runs the check in this browser and says step by step what it found.
import { Damaged, utf8, type Bytes } from "./bytes";
import { Camera, hasCamera } from "./camera";
import { Carry } from "./carry";
import { joined, seen, take, type Given } from "./given";
import { Check, type Outcome } from "./judge";
import { missing } from "./parts";
import { codeIn } from "./pictures";
import { remember, server } from "./server";
import { made, moment, showEntry, showStep } from "./showing";
import { STEPS, type Finding, type StepName } from "./steps";
import { Words } from "./words";

const WAITING: Finding = { state: "waiting", word: "", values: {}, details: [] };
const PICTURE = /^image\//;
/** Verdicts after which more may be brought to what is there: the entry was not found. */
const UNDECIDED = new Set<Outcome["verdict"]>(["early", "late", "nothing"]);
const KINDS = ["receipt", "entry", "promise", "report", "key", "policy"] as const;

export class CheckEntry extends HTMLElement {
  private given: Given = {};
  private decided = false;
  private run = 0;
  private words = new Words(document.createDocumentFragment());
  private camera: Camera | null = null;
  private carry: Carry | null = null;

  connectedCallback(): void {
    const source = this.querySelector<HTMLTemplateElement>("template");
    if (source) this.words = new Words(source.content);
    this.hidden = false;
    if (!globalThis.crypto?.subtle) {
      this.complain("insecure");
      return;
    }
    this.listen();
    const carried = this.inside("[data-carry]");
    this.carry = carried && new Carry(carried);
    addEventListener("hashchange", () => void this.fromLink());
    void this.fromLink();
  }

  private listen(): void {
    for (const input of this.querySelectorAll<HTMLInputElement>("input[type=file]")) {
      input.addEventListener("change", () => {
        const files = Array.from(input.files ?? []);
        input.value = "";
        void this.bring(files);
      });
    }
    this.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      const pasted = this.querySelector("textarea")?.value ?? "";
      void this.begin(pasted.trim() ? [utf8(pasted)] : []);
    });
    for (const name of ["dragenter", "dragover", "dragleave", "drop"] as const) {
      this.addEventListener(name, (event) => this.dragged(event));
    }
    this.inside("[data-again]")?.addEventListener("click", () => this.forget());
    this.see();
  }

  private see(): void {
    const [video, button] = [this.querySelector("video"), this.inside("[data-scan]")];
    if (!video || !button || !hasCamera()) return;
    const camera = (this.camera = new Camera(video, (code) => void this.begin([code])));
    button.hidden = false;
    const looks = (on: boolean): void => {
      video.hidden = !on;
      button.replaceChildren(this.words.say(on ? "scan.stop" : "scan"));
    };
    video.addEventListener("closed", () => looks(false));
    button.addEventListener("click", () => {
      if (camera.on) {
        camera.close();
        return;
      }
      looks(true);
      camera.open().catch(() => {
        camera.close();
        this.complain("given.no_camera");
      });
    });
  }

  private dragged(event: DragEvent): void {
    event.preventDefault();
    this.classList.toggle("over", event.type === "dragenter" || event.type === "dragover");
    if (event.type !== "drop" || !event.dataTransfer) return;
    const files = Array.from(event.dataTransfer.files);
    void (files.length ? this.bring(files) : this.begin([utf8(event.dataTransfer.getData("text"))]));
  }

  /** Links of station pages and QR codes carry what is to be checked behind the #, where no server sees it. */
  private async fromLink(): Promise<void> {
    for (const tongue of document.querySelectorAll<HTMLAnchorElement>("a.tongue")) tongue.hash = location.hash;
    if (!/^#(entry|receipt|part)=/.test(location.hash)) return;
    await this.begin([utf8(location.hash)]);
  }

  private async bring(files: File[]): Promise<void> {
    const pieces: (Bytes | string)[] = [];
    for (const file of files) {
      if (!PICTURE.test(file.type)) {
        pieces.push(new Uint8Array(await file.arrayBuffer()));
        continue;
      }
      const code = await codeIn(file);
      if (!code) {
        this.complain("given.no_code");
        return;
      }
      pieces.push(code);
    }
    await this.begin(pieces);
  }

  /** A receipt and its entry, or a promise and its report, may come together or one after the other. */
  private async begin(pieces: (Bytes | string)[]): Promise<void> {
    let now: Given = this.given.parts ? { parts: this.given.parts } : {};
    try {
      for (const piece of pieces) now = await (typeof piece === "string" ? seen(now, piece) : take(now, piece));
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      delete this.given.parts;
      this.gathered();
      this.complain("given.damaged");
      return;
    }
    if (pieces.length === 0) {
      this.complain("given.nothing");
      return;
    }
    const given = (this.given = joined(this.given, now, this.decided));
    this.complain("");
    this.gathered();
    if (given.parts) return;
    if (given.receipt || given.entry || given.promise || given.index !== undefined) await this.check(given);
    else this.complain("given.more");
  }

  /** Says which codes of a receipt are still missing. */
  private gathered(): void {
    const place = this.inside("[data-gathered]");
    const { parts } = this.given;
    const rest = parts ? missing(parts) : [];
    const all = parts?.pieces.length ?? 0;
    const said = parts ? this.words.say("given.part", { have: all - rest.length, all, missing: rest.join(", ") }) : "";
    if (!place || place.textContent === said) return;
    place.hidden = !said;
    place.replaceChildren(said);
  }

  private async check(given: Given): Promise<void> {
    const run = ++this.run;
    this.camera?.close();
    this.list(given);
    this.start();
    const tell = (name: StepName, finding: Finding): void => {
      if (run === this.run) this.tell(name, finding);
    };
    const outcome = await new Check(given, server, tell, new Date()).run().catch(() => null);
    if (!outcome) {
      if (run === this.run) this.give();
      return;
    }
    this.decided = !UNDECIDED.has(outcome.verdict) && outcome.due === null;
    if (run !== this.run) return;
    if (outcome.newest) remember(outcome.newest.origin, outcome.newest);
    this.finish(outcome);
  }

  /** Something went wrong that nobody thought of: nothing that was shown so far stays, and nothing is said to hold. */
  private give(): void {
    this.toggleAttribute("busy", false);
    this.inside("[data-result]")?.setAttribute("hidden", "");
    this.complain("given.damaged");
  }

  private start(): void {
    this.toggleAttribute("busy", true);
    this.inside("[data-log]")?.replaceChildren();
    this.carry?.clear();
    for (const name of STEPS) this.step(name, WAITING);
    for (const name of ["[data-says]", "[data-key]", "[data-verdict]"]) this.inside(name)?.setAttribute("hidden", "");
    this.inside("[data-steps]")?.removeAttribute("hidden");
    const result = this.inside("[data-result]");
    result?.removeAttribute("hidden");
    if (result && result.getBoundingClientRect().top > innerHeight / 2) result.scrollIntoView();
  }

  private step(name: StepName, finding: Finding): void {
    const item = this.inside(`[data-step="${name}"]`);
    if (item) showStep(item, finding, this.words);
  }

  private tell(name: StepName, finding: Finding): void {
    this.step(name, finding);
    const title = this.inside(`[data-step="${name}"] h3`)?.textContent ?? "";
    this.announce(`${title}: ${this.words.say(`state.${finding.state}`)}. ${this.words.say(finding.word, finding.values)}`);
  }

  private finish(outcome: Outcome): void {
    this.toggleAttribute("busy", false);
    const verdict = this.inside("[data-verdict]");
    const due = outcome.due ? moment(outcome.due) : "";
    const sentence = this.words.say(`verdict.${outcome.verdict}`, { due });
    verdict?.removeAttribute("hidden");
    verdict?.setAttribute("data-verdict", outcome.verdict);
    verdict?.replaceChildren(made("b", this.words.say(`word.${outcome.verdict}`)), " ", made("span", sentence));
    this.inside("[data-steps]")?.toggleAttribute("hidden", UNDECIDED.has(outcome.verdict));
    this.announce(sentence);
    this.showEntry(outcome);
    this.showKey(outcome);
    void this.carry?.offer(outcome);
  }

  private showEntry(outcome: Outcome): void {
    const says = this.inside("[data-says]");
    const list = says?.querySelector("dl");
    // Whoever sends a receipt could make this page say anything: what is shown is what a root stands for that the log signed.
    if (!says || !list || !outcome.entry || outcome.receipt === null) return;
    showEntry(list, outcome, this.words, this.dataset["station"] ?? "");
    says.removeAttribute("hidden");
  }

  private showKey(outcome: Outcome): void {
    const panel = this.inside("[data-key]");
    if (!panel || !outcome.key) return;
    panel.querySelector("[data-origin]")?.replaceChildren(outcome.key.name);
    panel.querySelector("[data-fingerprint]")?.replaceChildren(outcome.fingerprint);
    panel.querySelector("[data-own]")?.toggleAttribute("hidden", !this.given.key && !this.given.policy?.logs.length);
    panel.removeAttribute("hidden");
  }

  private list(given: Given): void {
    const found = KINDS.filter((kind) => given[kind]).map((kind) => this.words.say(`taken.${kind}`));
    if (given.index !== undefined) found.push(this.words.say("taken.index", { index: given.index }));
    this.inside("[data-taken]")?.replaceChildren(this.words.say("taken", { what: found.join(", ") }));
  }

  private complain(word: string): void {
    const place = this.inside("[data-complaint]");
    if (!place) return;
    place.toggleAttribute("hidden", !word);
    place.replaceChildren(word ? this.words.say(word) : "");
  }

  private forget(): void {
    this.run++;
    this.given = {};
    this.decided = false;
    history.replaceState(null, "", location.pathname + location.search);
    this.inside("[data-result]")?.setAttribute("hidden", "");
    this.carry?.clear();
    this.gathered();
    this.toggleAttribute("busy", false);
    this.complain("");
    const pasted = this.querySelector("textarea");
    if (pasted) pasted.value = "";
    pasted?.focus();
  }

  private announce(sentence: string): void {
    this.inside("[data-log]")?.append(made("p", sentence));
  }

  private inside(selector: string): HTMLElement | null {
    return this.querySelector<HTMLElement>(selector);
  }
}
