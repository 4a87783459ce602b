// Mistakes hard to make: a finger that bounces, or two fingers at once, counts one ballot. Nobody reads two ballots in a third of a second.

/** A second tap on the same button this soon is the same tap. */
export const BOUNCE_MS = 350;
/** Two buttons this close together were touched by one hand, not read by one voice. */
export const SLIP_MS = 120;

export interface LastTap {
  readonly key: string;
  readonly at: number;
}

/** Says whether a tap counts; `at` is in milliseconds of a clock that never goes back. */
export function counts(last: LastTap | null, key: string, at: number): boolean {
  if (!last) return true;
  const since = at - last.at;
  return since < 0 || since >= (last.key === key ? BOUNCE_MS : SLIP_MS);
}
