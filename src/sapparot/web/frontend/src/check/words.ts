// Sentences in the language of the page: the server wrote them into a template, by name; here they get their numbers.
import type { Values } from "./steps";

export class Words {
  constructor(private readonly source: DocumentFragment) {}

  say(name: string, values: Values = {}): string {
    const found = this.source.querySelector(`[data-word="${CSS.escape(name)}"]`)?.textContent;
    if (!found) return name;
    return found.trim().replace(/\{(\w+)\}/g, (whole, key: string) => shown(values[key]) ?? whole);
  }

  has(name: string): boolean {
    return this.source.querySelector(`[data-word="${CSS.escape(name)}"]`) !== null;
  }
}

function shown(value: string | number | undefined): string | undefined {
  return typeof value === "number" ? value.toLocaleString("en-US") : value;
}
