// The sums of a form, checked while it is typed. A difference is information, never a lock: an honest form may not add up.

export interface Figures {
  /** By option number; null is not typed yet. */
  readonly votes: Readonly<Record<string, number | null>>;
  readonly valid: number | null;
  readonly spoiled: number | null;
  readonly no_vote: number | null;
  readonly ballots_cast: number | null;
  readonly eligible: number | null;
}

/** `votes`: votes against valid ballots; `ballots`: valid, spoiled and no-vote against ballots cast; `people`: cast against eligible. */
export type SumName = "votes" | "ballots" | "people";

/** What a sum says: it is right, ballots are missing or too many, or it cannot be said yet. */
export type SumState = "right" | "missing" | "over" | "open";

export interface Sum {
  readonly name: SumName;
  readonly state: SumState;
  /** Ballots by which it differs, never negative. */
  readonly by: number;
  /** What was added up so far, and what it should be. */
  readonly got: number;
  readonly wanted: number | null;
  /** Fields that are still empty on the side that is added up. */
  readonly empty: number;
}

export function checked(figures: Figures): Sum[] {
  return [
    sum("votes", Object.values(figures.votes), figures.valid),
    sum("ballots", [figures.valid, figures.spoiled, figures.no_vote], figures.ballots_cast),
    people(figures),
  ];
}

/** The sums that say something is not right, among figures that are all there. */
export function differences(figures: Figures): Sum[] {
  return checked(figures).filter((each) => each.state === "over" || (each.state === "missing" && each.empty === 0));
}

function sum(name: SumName, parts: readonly (number | null)[], wanted: number | null): Sum {
  const got = parts.reduce<number>((total, part) => total + (part ?? 0), 0);
  const empty = parts.filter((part) => part === null).length;
  return { name, state: stateOf(got, wanted, empty, empty === parts.length), by: Math.abs((wanted ?? got) - got), got, wanted, empty };
}

function stateOf(got: number, wanted: number | null, empty: number, untouched: boolean): SumState {
  if (wanted === null || untouched) return "open";
  if (got > wanted) return "over";
  if (got < wanted) return "missing";
  return empty ? "open" : "right";
}

function people({ ballots_cast, eligible }: Figures): Sum {
  const base = { name: "people" as const, got: ballots_cast ?? 0, wanted: eligible, empty: ballots_cast === null ? 1 : 0 };
  if (ballots_cast === null || eligible === null) return { ...base, state: "open", by: 0 };
  return ballots_cast > eligible ? { ...base, state: "over", by: ballots_cast - eligible } : { ...base, state: "right", by: 0 };
}
