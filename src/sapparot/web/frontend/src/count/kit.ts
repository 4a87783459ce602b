// The two sheets of a station, as the counting screens need them.
import type { Text } from "../app/facts";
import { told } from "../app/language";

export interface OptionKit {
  readonly number: number;
  readonly name: Text;
  readonly party?: string | null;
  readonly short?: Text | null;
  readonly color?: string | null;
}

export interface FormKit {
  readonly code: string;
  readonly pages: number;
  readonly name: Text | null;
}

export interface SheetKit {
  /** The id of the sheet: `10-01-100101-003/list`. */
  readonly sheet: string;
  readonly ballot: string;
  readonly name: Text;
  /** In ballot order. */
  readonly options: readonly OptionKit[];
  readonly forms: readonly FormKit[];
}

/** What `GET /v1/sheets/<station code>` answers (docs/formats/sheets.md). */
export interface StationKit {
  readonly election: string;
  readonly closes_at: string;
  readonly station: { readonly code: string; readonly kind: string; readonly eligible: number | null };
  /** The areas around the station, the smallest first. */
  readonly areas: readonly { readonly code: string; readonly kind: string; readonly name: Text }[];
  readonly sheets: readonly SheetKit[];
}

export function sheetsOf(kit: StationKit): readonly SheetKit[] {
  return kit.sheets;
}

/** The sheet of a ballot, the first one when no ballot is named or it is not there. */
export function sheetOf(kit: StationKit, ballot: string | undefined): SheetKit | undefined {
  return sheetsOf(kit).find((sheet) => sheet.ballot === ballot) ?? sheetsOf(kit)[0];
}

/** What stands on a small button: the short name of the party, or the beginning of the name. */
export function shortOf(option: OptionKit): string {
  return told(option.short) || told(option.name);
}

const HEX = /^#[0-9a-f]{6}$/i;

/** A party's colour, grey when it has none that a style could take. */
export function colorOf(option: OptionKit | undefined): string {
  return option?.color && HEX.test(option.color) ? option.color : "#8a929b";
}

/** Black or white, whichever is read better on a colour (WCAG 2.2, relative luminance). */
export function inkOn(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}
