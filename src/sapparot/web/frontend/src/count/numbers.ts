// Whole numbers as people type them: digits of both scripts, with or without separators.

/** No figure of a station or constituency comes near it; the server takes no more either. */
export const MOST = 9_999_999;

const THAI_ZERO = 0x0e50;

/** Thai digits become the others; everything else stays. */
export function plainDigits(text: string): string {
  return text.replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - THAI_ZERO));
}

/** Reads what was typed: null for an empty field (or a dash, as forms have it for none: that is a zero), NaN for what is no number. */
export function readNumber(typed: string): number | null {
  const text = plainDigits(typed).replace(/\s/g, "");
  if (text === "") return null;
  if (/^[-–—]$/.test(text)) return 0;
  if (!/^([0-9]{1,9}|[0-9]{1,3}(,[0-9]{3})+)$/.test(text)) return NaN;
  const value = Number(text.replace(/,/g, ""));
  return value <= MOST ? value : NaN;
}

/** Writes a number as the interface shows it. */
export function written(value: number): string {
  return value.toLocaleString("en-US");
}
