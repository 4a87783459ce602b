// <qr-codes>: texts as QR codes. Several take turns, so that a camera that is held before them gets all; they can be stopped and stepped.
import { made } from "./showing";

const DRAWING = "http://www.w3.org/2000/svg";
const QUIET = 4;
/** Milliseconds that each code stands: a camera has time for several looks, and nothing flickers. */
const TURN = 700;

export class QrCodes extends HTMLElement {
  private at = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  disconnectedCallback(): void {
    clearInterval(this.timer);
  }

  /** Shows the codes of these texts; `data-name`, `data-turn`, `data-pause`, `data-resume` and `data-next` hold the words. */
  async show(texts: string[]): Promise<void> {
    clearInterval(this.timer);
    const { encodeQR } = await import("qr");
    const frame = made("div", "", { class: "frame" });
    frame.append(...texts.map((text) => drawn(encodeQR(text, "raw", { ecc: "medium", border: QUIET }), this.dataset["name"] ?? "")));
    this.replaceChildren(frame);
    this.turn(0);
    if (texts.length < 2) return;
    const pause = made("button", this.dataset["pause"], { type: "button", "data-pause": "" });
    pause.addEventListener("click", () => this.play(this.timer === undefined));
    const next = made("button", this.dataset["next"], { type: "button" });
    next.addEventListener("click", () => {
      this.play(false);
      this.turn(this.at + 1);
    });
    this.append(made("p", "", { "data-turn": "" }), pause, next);
    this.turn(0);
    this.play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  clear(): void {
    clearInterval(this.timer);
    this.replaceChildren();
  }

  private play(on: boolean): void {
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.turn(this.at + 1), TURN) : undefined;
    this.querySelector("[data-pause]")?.replaceChildren(this.dataset[on ? "pause" : "resume"] ?? "");
  }

  private turn(to: number): void {
    const codes = this.querySelectorAll("svg");
    this.at = to % Math.max(codes.length, 1);
    codes.forEach((code, at) => code.toggleAttribute("data-waits", at !== this.at));
    const said = (this.dataset["turn"] ?? "").replace("{part}", String(this.at + 1)).replace("{parts}", String(codes.length));
    this.querySelector("[data-turn]")?.replaceChildren(said);
  }
}

/** Black on white whatever the colours of the page are: readers expect that. */
function drawn(rows: boolean[][], name: string): SVGElement {
  const side = rows.length;
  const code = drawing("svg", { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": name, "shape-rendering": "crispEdges" });
  const dark = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  code.append(drawing("rect", { width: String(side), height: String(side), fill: "#fff" }), drawing("path", { d: dark, fill: "#000" }));
  return code;
}

function drawing(name: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS(DRAWING, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
