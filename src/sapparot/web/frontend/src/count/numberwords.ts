// Numbers in Thai words, as the form has them beside the figures, so that eyes can compare words with words.
const ONES = ["ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า"];
const PLACES = ["", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน"];
const MILLION = 1_000_000;

/**
 * Spells a whole number from 0 as the Office of the Royal Society does: a last one after anything is `เอ็ด` (101 is หนึ่งร้อยเอ็ด),
 * two tens are `ยี่สิบ`, one ten is `สิบ`, and millions are counted by the same rules.
 */
export function thaiWords(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a count: ${value}`);
  if (value === 0) return "ศูนย์";
  const millions = Math.floor(value / MILLION);
  return (millions ? `${thaiWords(millions)}ล้าน` : "") + belowMillion(value % MILLION, millions > 0);
}

function belowMillion(value: number, after: boolean): string {
  const digits = String(value).split("").map(Number);
  return digits.map((digit, index) => inPlace(digit, digits.length - 1 - index, after || digits.length > 1)).join("");
}

function inPlace(digit: number, place: number, after: boolean): string {
  if (digit === 0) return "";
  if (place === 0 && digit === 1 && after) return "เอ็ด";
  if (place === 1 && digit === 1) return "สิบ";
  if (place === 1 && digit === 2) return "ยี่สิบ";
  return `${ONES[digit]}${PLACES[place]}`;
}
