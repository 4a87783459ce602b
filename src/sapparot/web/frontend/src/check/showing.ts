// What a finding and an entry look like: elements made of text alone, nothing that came from outside is ever markup.
import { members, text, type Members } from "./jws";
import type { Outcome } from "./judge";
import type { Finding } from "./steps";
import type { Words } from "./words";

const MARKS = { waiting: "…", holds: "✓", false: "✕", unknown: "?", none: "–" } as const;
const TOTALS = ["valid", "spoiled", "no_vote", "ballots_cast"];

export function made(name: string, words = "", attributes: Record<string, string> = {}): HTMLElement {
  const element = document.createElement(name);
  if (words) element.textContent = words;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Writes a finding into the item of its step. */
export function showStep(item: Element, finding: Finding, words: Words): void {
  item.setAttribute("data-state", finding.state);
  item.querySelector("[data-mark]")?.replaceChildren(MARKS[finding.state]);
  item.querySelector("[data-said]")?.replaceChildren(words.say(`state.${finding.state}`));
  item.querySelector("[data-sentence]")?.replaceChildren(finding.word ? words.say(finding.word, finding.values) : "");
  const details = item.querySelector("details");
  const list = details?.querySelector("dl");
  if (!details || !list) return;
  details.hidden = finding.details.length === 0;
  list.replaceChildren(
    ...finding.details.map(([name, value]) => pair(words.say(`detail.${name}`), made("code", value))),
  );
}

function pair(name: string, value: Node | string): HTMLElement {
  const row = document.createElement("div");
  const held = made("dd");
  held.append(value);
  row.append(made("dt", name), held);
  return row;
}

/** Lists what the entry says in words; the whole of it stands in the details of the first step. */
export function showEntry(list: Element, outcome: Outcome, words: Words, station: string): void {
  const { entry, letter, index } = outcome;
  if (!entry) return;
  const kind = text(entry, "kind");
  const rows = [pair(words.say("says.kind"), words.has(`kind.${kind}`) ? words.say(`kind.${kind}`) : kind)];
  if (index !== null) rows.push(pair(words.say("says.position"), `#${index.toLocaleString("en-US")}`));
  if (text(entry, "at")) rows.push(pair(words.say("says.at"), moment(text(entry, "at"))));
  const told = letter?.payload ?? entry;
  if (text(told, "election")) rows.push(pair(words.say("says.election"), text(told, "election")));
  if (text(told, "sheet")) rows.push(pair(words.say("says.sheet"), sheet(text(told, "sheet"), station)));
  if (text(told, "stage")) rows.push(pair(words.say("says.stage"), stage(text(told, "stage"), words)));
  rows.push(...figures(letter ? told : members(entry, "figures"), words));
  list.replaceChildren(...rows);
}

function stage(name: string, words: Words): string {
  return words.has(`stage.${name}`) ? words.say(`stage.${name}`) : name;
}

function sheet(key: string, station: string): Node {
  const halves = /[\ud800-\udfff]/u; // of signs; they have no address
  if (halves.test(key)) return document.createTextNode(key);
  return made("a", key, { href: station + encodeURIComponent(key.split("/")[0] ?? "") });
}

function figures(told: Members, words: Words): HTMLElement[] {
  const votes = Object.entries(members(told, "votes")).sort(([a], [b]) => Number(a) - Number(b));
  const rows = votes.map(([number, count]) => pair(words.say("says.option", { number }), counted(count)));
  const totals = TOTALS.filter((name) => typeof told[name] === "number");
  return [...rows, ...totals.map((name) => pair(words.say(`says.${name}`), counted(told[name])))];
}

function counted(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : "–";
}

/** A moment as the page's language writes it, in the time zone that it was served with. */
export function moment(when: string | Date): string {
  const date = new Date(when);
  if (Number.isNaN(date.getTime())) return String(when);
  const language = document.documentElement.lang === "th" ? "th-TH-u-ca-buddhist-nu-latn" : "en-GB";
  return date.toLocaleString(language, { timeZone: document.documentElement.dataset["zone"], dateStyle: "medium", timeStyle: "medium" });
}
