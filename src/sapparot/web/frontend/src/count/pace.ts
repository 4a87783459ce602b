// When progress goes out by itself, and what it says about the one before.
import type { Why } from "./tally";

export const EVERY_MS = 60_000;
export const EVERY_BALLOTS = 25;

/** The figures of a progress report, and when it was made. */
export interface Told {
  readonly votes: Readonly<Record<string, number>>;
  readonly spoiled: number;
  readonly no_vote: number;
}

export interface LastTold extends Told {
  readonly id: string;
  readonly at: number;
}

export function ballotsOf(told: Told): number {
  return Object.values(told.votes).reduce((sum, each) => sum + each, 0) + told.spoiled + told.no_vote;
}

/** Every minute in which something changed, and whenever 25 more ballots were read; a count that has not begun tells nothing. */
export function due(now: Told, last: LastTold | null, at: number, begun: number): boolean {
  if (last ? !differs(now, last) : ballotsOf(now) === 0) return false;
  const gone = at - (last?.at ?? begun);
  const more = Math.abs(ballotsOf(now) - (last ? ballotsOf(last) : 0));
  return gone < 0 || gone >= EVERY_MS || more >= EVERY_BALLOTS;
}

export function differs(now: Told, last: Told): boolean {
  return falls(now, last) || falls(last, now);
}

/** Says whether any figure is smaller than it was told before: such a report names the one that it replaces. */
export function falls(now: Told, last: Told): boolean {
  const keys = Object.keys(last.votes);
  return now.spoiled < last.spoiled || now.no_vote < last.no_vote || keys.some((key) => (now.votes[key] ?? 0) < (last.votes[key] ?? 0));
}

/** The reason that goes with a fall: what was typed last says why, a step that was taken back was a slip of the finger. */
export function reasonOf(typed: Why | undefined): Exclude<Why, "tap"> {
  return typed === undefined || typed === "tap" ? "slip" : typed;
}
