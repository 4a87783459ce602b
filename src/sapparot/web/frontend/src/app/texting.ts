// A report as one text message (docs/formats/text-report.md), for a place without data: short, plain letters, with its check characters.
import type { ReportDraft } from "./facts";

const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";
const GAP = 36;
const LONGEST = 1_600;
const LARGEST = 100_000;
const BALLOTS: Record<string, string> = { constituency: "C", list: "L" };
const STAGES: Record<string, string> = { progress: "P", final: "F" };
const TOTALS = [["V", "valid"], ["X", "spoiled"], ["N", "no_vote"], ["B", "ballots_cast"]] as const; // prettier-ignore

/** The check character of ISO/IEC 7064, MOD 37-2, and the length modulo 37, over numbers and keys in their order. */
export function marks(tokens: readonly string[]): string {
  let [rest, length] = [0, 0];
  const add = (symbol: number): void => {
    rest = ((rest + symbol) * 2) % 37;
    length += 1;
  };
  tokens.forEach((token, at) => {
    if (/^\d/.test(token) && /^\d/.test(tokens[at - 1] ?? "")) add(GAP);
    for (const sign of token) add(SIGNS.indexOf(sign));
  });
  return `${SIGNS[(((1 - rest) % 37) + 37) % 37]}${SIGNS[length % 37]}`;
}

/** The message that says what a report says, to be read by the server as it stands; null where text messages have no words for it. */
export function messageOf({ sheet, stage, votes, ...totals }: ReportDraft): string | null {
  const [station = "", kind = ""] = sheet.split("/");
  const [ballot, part] = [BALLOTS[kind], STAGES[stage]];
  const given = Object.entries(votes).sort(([a], [b]) => Number(a) - Number(b));
  const sum = given.reduce((total, [, count]) => total + count, 0);
  // Where the votes make up the valid ballots, whoever is left out has none: the message stays short.
  const told = sum > 0 && totals.valid === sum ? given.filter(([, count]) => count > 0) : given;
  const known = TOTALS.flatMap(([key, name]): [string, string][] => (totals[name] === undefined || totals[name] === null ? [] : [[key, String(totals[name])]]));
  if (!ballot || !part || !/^\d+(-\d+)*$/.test(station) || told.length + known.length === 0) return null;
  const pairs = [...told.map(([option, count]): [string, string] => [option, String(count)]), ...known];
  if (pairs.some(([, count]) => Number(count) > LARGEST)) return null;
  const check = marks([...station.split("-"), ballot, part, ...pairs.flat()]);
  const message = `${station} ${ballot} ${part} ${pairs.map((pair) => pair.join("=")).join(" ")} #${check}`;
  return message.length > LONGEST ? null : message;
}

/** Text messages that the operator counts: 160 plain letters in one, 153 in each of several. */
export function parts(message: string): number {
  return message.length <= 160 ? 1 : Math.ceil(message.length / 153);
}

/** Opens the phone's own messages with everything filled in (RFC 5724). */
export function smsLink(to: string, message: string): string {
  return `sms:${to}?body=${encodeURIComponent(message)}`;
}

/** Opens the network's chat with the words filled in (https://developers.line.biz/en/docs/line-login/using-line-url-scheme/). */
export function lineLink(to: string, message: string): string {
  return `https://line.me/R/oaMessage/${encodeURIComponent(to)}/?${encodeURIComponent(message)}`;
}
