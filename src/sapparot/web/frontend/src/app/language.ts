// Both languages stand beside each other, so that neither can be forgotten. The page says which one is read.
import type { Text } from "./facts";

export type Language = "th" | "en";

export function lang(): Language {
  return typeof document !== "undefined" && document.documentElement.lang === "en" ? "en" : "th";
}

export function say(th: string, en: string): string {
  return lang() === "en" ? en : th;
}

export function told(text: Text | null | undefined): string {
  return text ? (lang() === "en" ? text.en || text.th : text.th || text.en) : "";
}

export function number(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toLocaleString("en-US");
}

/** The time zone that the page was served with; where there is none, the phone's own. */
function zone(): string | undefined {
  return typeof document === "undefined" ? undefined : document.documentElement.dataset["zone"];
}

function locale(): string {
  return lang() === "en" ? "en-GB" : "th-TH-u-ca-buddhist-nu-latn";
}

/** The time of day in the zone of the page: `20:14 น.`, `20:14`. */
export function clock(when: string | number): string {
  const date = new Date(when);
  if (Number.isNaN(date.getTime())) return "";
  const hours = date.toLocaleTimeString("en-GB", { timeZone: zone(), hour: "2-digit", minute: "2-digit" });
  return say(`${hours} น.`, hours);
}

/** Day, month, year and time; Buddhist era in Thai. */
export function moment(when: string | number): string {
  const date = new Date(when);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.toLocaleDateString(locale(), { timeZone: zone(), day: "numeric", month: "short", year: "numeric" })} ${clock(when)}`;
}

/** A path in the language of the page. */
export function link(path: string): string {
  return lang() === "en" ? `/en${path}` : path;
}
