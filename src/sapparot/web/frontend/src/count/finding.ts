// Finding one of many options without scrolling: by typing its number, or on a tile that stays where it is.

/** Adds a digit to what was typed; what can no longer become a number of the ballot begins anew with that digit. */
export function typed(before: string, digit: string, numbers: readonly number[]): string {
  const longer = (before + digit).replace(/^0+/, "");
  if (leads(longer, numbers)) return longer;
  return digit === "0" || !leads(digit, numbers) ? before : digit;
}

function leads(prefix: string, numbers: readonly number[]): boolean {
  return prefix !== "" && numbers.some((number) => String(number).startsWith(prefix));
}

/** The number that stands there, when it is on the ballot. */
export function found(text: string, numbers: readonly number[]): number | null {
  const value = Number(text);
  return text !== "" && numbers.includes(value) ? value : null;
}

/**
 * The tiles after an option was used. A tile keeps its place for the whole evening, so that the thumb learns it: a new option takes the next
 * free place, later the place of the least counted one that it has overtaken.
 */
export function tilesAfter(tiles: readonly number[], used: number, counts: Readonly<Record<string, number>>, places: number): readonly number[] {
  if (tiles.includes(used)) return tiles;
  if (tiles.length < places) return [...tiles, used];
  const of = (number: number): number => counts[String(number)] ?? 0;
  const least = tiles.reduce((a, b) => (of(b) < of(a) ? b : a));
  return of(used) > of(least) ? tiles.map((tile) => (tile === least ? used : tile)) : tiles;
}
