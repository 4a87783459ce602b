// <hex-map>: one stop for the tab key, arrow keys inside, and a line of text for the hexagon under the pointer or focus.

const DIRECTIONS: Record<string, readonly [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

function place(link: Element): [number, number] {
  const use = link.querySelector("use");
  return [Number(use?.getAttribute("x")), Number(use?.getAttribute("y"))];
}

export class HexMap extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("keydown", (event) => this.step(event));
    for (const name of ["focusin", "pointerover"]) this.addEventListener(name, (event) => this.read(event));
  }

  private step(event: KeyboardEvent): void {
    const direction = DIRECTIONS[event.key];
    const from = event.target instanceof Element ? event.target.closest("a") : null;
    if (!direction || !from) return;
    event.preventDefault();
    const [x, y] = place(from);
    let best: SVGAElement | null = null;
    let least = Infinity;
    for (const link of this.querySelectorAll<SVGAElement>("svg a")) {
      const [a, b] = place(link);
      const ahead = (a - x) * direction[0] + (b - y) * direction[1];
      const aside = Math.abs((a - x) * direction[1] + (b - y) * direction[0]);
      // Sideways counts double: the next hexagon in a row of a honeycomb lies half a step aside.
      const cost = ahead + 2 * aside;
      if (ahead > 0.1 && cost < least) [best, least] = [link, cost];
    }
    if (!best) return;
    from.setAttribute("tabindex", "-1");
    best.setAttribute("tabindex", "0");
    best.focus();
  }

  private read(event: Event): void {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const line = this.querySelector("[data-line]");
    const title = link?.querySelector("title");
    if (line && title) line.textContent = title.textContent;
  }
}
