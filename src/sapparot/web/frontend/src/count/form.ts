// The form as it is typed: every field as text, in the order of the paper, and what a report says of it. Pure.
import type { Photograph, ReportDraft, Stage } from "../app/facts";
import type { SheetKit } from "./kit";
import { readNumber } from "./numbers";
import type { Figures } from "./sums";
import { ballots, CAST, count, NO_VOTE, NOTHING, SPOILED, type Tally } from "./tally";

/** What stands above the votes, in the order of form ส.ส. 5/18. */
export const HEADS = ["eligible", "ballots_cast", "valid", "spoiled", "no_vote"] as const;
export type Head = (typeof HEADS)[number];

/** What was typed, by field: a head, or an option's number. */
export type Typed = Readonly<Record<string, string>>;

export function figuresOf(sheet: SheetKit, typed: Typed): Figures {
  const value = (field: string): number | null => {
    const number = readNumber(typed[field] ?? "");
    return number === null || Number.isNaN(number) ? null : number;
  };
  const votes = Object.fromEntries(sheet.options.map(({ number }) => [String(number), value(String(number))]));
  const heads = Object.fromEntries(HEADS.map((head) => [head, value(head)])) as Record<Head, number | null>;
  return { votes, ...heads };
}

/** The fields that hold something that is no number. */
export function unreadable(sheet: SheetKit, typed: Typed): string[] {
  return fieldsOf(sheet).filter((field) => Number.isNaN(readNumber(typed[field] ?? "")));
}

export function fieldsOf(sheet: SheetKit): string[] {
  return [...HEADS, ...sheet.options.map(({ number }) => String(number))];
}

/** Options whose field is empty: a report leaves them out, and they count as unknown. */
export function emptyVotes(sheet: SheetKit, typed: Typed): string[] {
  return sheet.options.map(({ number }) => String(number)).filter((field) => readNumber(typed[field] ?? "") === null);
}

export function zeroed(sheet: SheetKit, typed: Typed): Typed {
  return { ...typed, ...Object.fromEntries(emptyVotes(sheet, typed).map((field) => [field, "0"])) };
}

/** What was counted, as a beginning for the form; what was typed already stays. */
export function fromCount(sheet: SheetKit, typed: Typed, tally: Tally = NOTHING): Typed {
  const votes = sheet.options.map(({ number }) => [String(number), count(tally, String(number))] as [string, number]);
  const valid = votes.reduce((sum, [, each]) => sum + each, 0);
  const counted: [string, number | null][] = [...votes, ["valid", valid], ["spoiled", count(tally, SPOILED)], ["no_vote", count(tally, NO_VOTE)]];
  counted.push([CAST, tally.cast ?? ballots(tally)]);
  const filled = Object.fromEntries(counted.map(([field, value]) => [field, String(value ?? "")]));
  return { ...filled, ...Object.fromEntries(Object.entries(typed).filter(([, text]) => text.trim() !== "")) };
}

/** What was reported before, as it would have been typed. */
export function fromReport(draft: ReportDraft): Typed {
  const heads = HEADS.flatMap((head) => (draft[head] === undefined || draft[head] === null ? [] : [[head, String(draft[head])] as const]));
  return Object.fromEntries([...Object.entries(draft.votes).map(([key, value]) => [key, String(value)]), ...heads]);
}

export interface Wanted {
  readonly sheet: string;
  readonly stage: Stage;
  readonly evidence: readonly Photograph[];
  readonly replaces?: string | undefined;
}

/** The report of what was typed. Empty fields are left out: unknown is not zero. */
export function draftOf(figures: Figures, { sheet, stage, evidence, replaces }: Wanted): ReportDraft {
  const votes = Object.fromEntries(Object.entries(figures.votes).filter((pair): pair is [string, number] => pair[1] !== null));
  const heads = Object.fromEntries(HEADS.flatMap((head) => (figures[head] === null ? [] : [[head, figures[head]]]))) as Partial<Record<Head, number>>;
  return { sheet, stage, votes, ...heads, ...(evidence.length ? { evidence: [...evidence] } : {}), ...(replaces ? { replaces } : {}) };
}

export function empty(typed: Typed): boolean {
  return Object.values(typed).every((text) => text.trim() === "");
}
