// A receipt as links for QR codes: one, or several parts when it is too long for a code that a cheap phone can read.
import { base64url, Damaged, hex, sha256, unbase64url, utf8, type Bytes } from "./bytes";

/** Characters of a link in one code: 97 modules a side, with a seventh of them to spare. */
export const LONGEST = 660;
const MOST_PARTS = 99;
const LEAST_ROOM = 100;
const PART = /#part=([1-9][0-9]?)\.([1-9][0-9]?)\.([0-9a-f]{16})\.([\w-]+)$/;

/** What was read so far; `sum` names the receipt, so that parts of two are never joined. */
export interface Parts {
  sum: string;
  pieces: (string | undefined)[];
}

/** The links that carry a receipt to the page at `page`; none when it is larger than codes are good for. */
export async function linksFor(receipt: string, page: string): Promise<string[]> {
  const whole = base64url(utf8(receipt));
  const single = `${page}#receipt=${whole}`;
  if (single.length <= LONGEST) return [single];
  const sum = await sumOf(utf8(receipt));
  const room = LONGEST - `${page}#part=99.99.${sum}.`.length;
  const count = Math.ceil(whole.length / room);
  if (room < LEAST_ROOM || count > MOST_PARTS) return [];
  const each = Math.ceil(whole.length / count);
  return Array.from({ length: count }, (_, at) => `${page}#part=${at + 1}.${count}.${sum}.${whole.slice(at * each, (at + 1) * each)}`);
}

/** Puts a part to those that were read; the part of another receipt begins anew. Null when the text is no part. */
export function added(parts: Parts | undefined, said: string): Parts | null {
  const [, place, count, sum, piece] = PART.exec(said) ?? [];
  if (!sum || !piece) return null;
  const [at, of] = [Number(place), Number(count)];
  if (at > of) throw new Damaged("a part behind the last one");
  const fits = parts?.sum === sum && parts.pieces.length === of;
  const pieces = fits ? [...parts.pieces] : new Array<string | undefined>(of).fill(undefined);
  pieces[at - 1] = piece;
  return { sum, pieces };
}

/** The numbers of the parts that are still missing. */
export function missing(parts: Parts): number[] {
  return parts.pieces.flatMap((piece, at) => (piece === undefined ? [at + 1] : []));
}

/** The receipt, once every part is there; throws Damaged when they do not make the one that they name. */
export async function assembled(parts: Parts): Promise<Bytes> {
  const whole = unbase64url(parts.pieces.join(""));
  if ((await sumOf(whole)) !== parts.sum) throw new Damaged("parts of different receipts");
  return whole;
}

async function sumOf(receipt: Bytes): Promise<string> {
  return hex(await sha256(receipt)).slice(0, 16);
}
