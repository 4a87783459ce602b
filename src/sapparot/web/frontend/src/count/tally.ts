// What was counted so far, and how it came about: every tap and correction is a step that can be taken back.

/** An option's number, or one of `spoiled` and `no_vote`; `ballots_cast` is what the station announced. */
export type Key = string;

/** Why a figure was typed instead of tapped; it goes with the report when the figure falls. */
export type Why = "tap" | "misheard" | "slip" | "recount";

export interface Step {
  readonly key: Key;
  readonly from: number | null;
  readonly to: number | null;
  readonly why: Why;
}

export interface Tally {
  readonly counts: Readonly<Record<Key, number>>;
  readonly cast: number | null;
  /** The newest last; older than MOST_STEPS are forgotten, their figures are not. */
  readonly steps: readonly Step[];
  readonly undone: readonly Step[];
}

export const CAST: Key = "ballots_cast";
export const SPOILED: Key = "spoiled";
export const NO_VOTE: Key = "no_vote";
export const MOST_STEPS = 300;

export const NOTHING: Tally = { counts: {}, cast: null, steps: [], undone: [] };

export function count(tally: Tally, key: Key): number {
  return tally.counts[key] ?? 0;
}

/** Ballots accounted for so far: votes, spoiled and no-vote. */
export function ballots(tally: Tally): number {
  return Object.values(tally.counts).reduce((sum, each) => sum + each, 0);
}

export function tapped(tally: Tally, key: Key): Tally {
  const from = count(tally, key);
  return taken(tally, { key, from, to: from + 1, why: "tap" });
}

/** Sets a figure that was typed. A figure that stays as it was is no step. */
export function corrected(tally: Tally, key: Key, to: number | null, why: Why): Tally {
  const from = key === CAST ? tally.cast : count(tally, key);
  return from === to ? tally : taken(tally, { key, from, to, why });
}

export function undone(tally: Tally): Tally {
  const step = tally.steps[tally.steps.length - 1];
  if (!step) return tally;
  return { ...put(tally, step.key, step.from), steps: tally.steps.slice(0, -1), undone: [...tally.undone, step] };
}

/** Takes the last step back again that was undone, as long as nothing else was counted since. */
export function redone(tally: Tally): Tally {
  const step = tally.undone[tally.undone.length - 1];
  if (!step) return tally;
  return { ...put(tally, step.key, step.to), steps: [...tally.steps, step], undone: tally.undone.slice(0, -1) };
}

function taken(tally: Tally, step: Step): Tally {
  return { ...put(tally, step.key, step.to), steps: [...tally.steps, step].slice(-MOST_STEPS), undone: [] };
}

function put(tally: Tally, key: Key, value: number | null): Tally {
  if (key === CAST) return { ...tally, cast: value };
  return { ...tally, counts: { ...tally.counts, [key]: value ?? 0 } };
}
