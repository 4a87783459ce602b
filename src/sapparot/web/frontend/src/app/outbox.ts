// The outbox as rules without a network, a clock or chance: what is sent when, and what an answer means.
import type { Kept, Proved, Trouble, Way } from "./facts";
import { troubleOf } from "./wire";

export const BATCH = 200;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;
const LONGEST_RETRY = 3_600;
/** Ways on which the server has still to be told. */
const OWED: ReadonlySet<Way> = new Set(["kept", "sent"]);

/** Milliseconds until the next try: doubling, at most five minutes, spread by `chance` (0 to 1) so that phones do not come together. */
export function wait(tries: number, retry: number | null, chance: number): number {
  const base = retry === null ? Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries, 10)) : Math.min(LONGEST_RETRY, retry) * 1000;
  return Math.round(retry === null ? base * (0.5 + chance) : base * (1 + chance / 2));
}

/** Whether a receipt is asked for again now: the log's policy names cosigners, and too few of them had signed. */
export function lacksCosigners({ verdict, all, next_at }: Pick<Proved, "verdict" | "all" | "next_at">, now: number): boolean {
  return verdict === "alone" && all !== 0 && ripe({ next_at: next_at ?? 0 }, now);
}

/** What waits, since when and until when, by this phone's clock. */
interface Waiting {
  next_at: number;
  moved_at?: number;
}

/** Whether a wait is over. One that began in the future, or ends later than any wait can, was set by a clock that has been put back since. */
export function ripe({ next_at, moved_at }: Waiting, now: number): boolean {
  return next_at <= now || next_at > now + LONGEST_RETRY * 1500 || (moved_at ?? 0) > now + 60_000;
}

/**
 * The order in which this phone wrote its reports: by the number that each person's key gives out once, never by the clock, which may be put back.
 * What is carried for others comes after every own report, in the order in which it was taken in, whatever number it says it has.
 */
export function asWritten(a: Kept, b: Kept): number {
  const own = a.person && b.person ? a.seq - b.seq : Number(!a.person) - Number(!b.person);
  return own || a.made_at - b.made_at || a.seq - b.seq;
}

/** What was written last, by this key before any that it took the place of: an older app began to number anew with each key. */
export function latest(reports: Kept[], kid: string | undefined): Kept | undefined {
  return [...reports].sort((a, b) => Number(a.kid === kid) - Number(b.kid === kid) || asWritten(a, b)).pop();
}

export function owed(reports: Kept[]): Kept[] {
  return reports.filter((one) => OWED.has(one.way)).sort(asWritten);
}

/** What may be sent now: first one's own, then what is carried; of each the final figures before progress, what was written first before the rest. */
export function due(reports: Kept[], now: number): Kept[] {
  const ready = owed(reports).filter((one) => ripe(one, now));
  const place = (one: Kept): number => Number(!one.person) * 2 + Number(one.stage === "progress");
  return ready.sort((a, b) => place(a) - place(b));
}

export interface Line {
  outcome: string;
  promise?: unknown;
  problem?: Record<string, unknown>;
}

/** Reads the lines of an answer; null when they are not one for each report. */
export function linesIn(body: string, count: number): Line[] | null {
  try {
    const lines = body.trim().split("\n").map((line) => JSON.parse(line) as Line);
    return lines.length === count && lines.every((line) => typeof line.outcome === "string") ? lines : null;
  } catch {
    return null;
  }
}

/** A report after its line of the answer. */
export function answered(kept: Kept, line: Line, now: number): Kept {
  const moved = { ...kept, moved_at: now, tries: kept.tries + 1 };
  delete moved.trouble;
  if (line.outcome === "accepted" || line.outcome === "duplicate") return { ...moved, way: "accepted", promise: line.promise, next_at: now + 2_000, tries: 0 };
  const way: Way = line.outcome === "conflict" ? "conflict" : "refused";
  return { ...moved, way, trouble: troubleOf(line.problem ?? {}) };
}

/** A report after an answer that says nothing about it: it waits and keeps its bytes. */
export function delayed(kept: Kept, now: number, milliseconds: number, trouble?: Trouble): Kept {
  const { trouble: _, ...rest } = kept;
  return { ...rest, way: "sent", tries: kept.tries + 1, next_at: now + milliseconds, ...(trouble && { trouble }) };
}

export type Step = "kept" | "sent" | "accepted" | "logged" | "confirmed";
export const STEPS: readonly Step[] = ["kept", "sent", "accepted", "logged", "confirmed"];

/** How far a report came: the number of steps behind it. */
export function reached(way: Way): number {
  return way === "refused" || way === "conflict" ? 1 : STEPS.indexOf(way);
}

/** The reports that a person sees: its own, and those that this phone carries for others. Whoever shares the phone sees theirs. */
export function shownTo(person: string | undefined, reports: Kept[]): Kept[] {
  return reports.filter((one) => one.person === "" || one.person === person);
}

/** Whether the server did not take it. */
export function ended({ way }: Kept): boolean {
  return way === "refused" || way === "conflict";
}

/** Counts for the badge and the strip at the top. What was carried and refused is for its own phone to put right. */
export function tally(reports: Kept[]): { waiting: number; stopped: number; safe: number } {
  const live = reports.filter((one) => !one.again && (one.person || !ended(one)));
  const stopped = live.filter(ended).length;
  const waiting = live.filter((one) => OWED.has(one.way)).length;
  return { waiting, stopped, safe: live.length - stopped - waiting };
}
