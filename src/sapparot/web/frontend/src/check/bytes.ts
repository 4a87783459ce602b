// Bytes and the few texts that stand for them. Everything is read strictly: one text for each value, nothing is repaired.
export type Bytes = Uint8Array<ArrayBuffer>;

/** What somebody brought, or the server sent, is not what it should be. The message is for who reads the code; pages have their own words. */
export class Damaged extends Error {}

const text = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(words: string): Bytes {
  return text.encode(words) as Bytes;
}

/** Reads UTF-8; throws Damaged for anything else. */
export function words(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new Damaged("not UTF-8");
  }
}

export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function unhex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Damaged("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Reads standard base64 with padding (RFC 4648, section 4). */
export function unbase64(text: string): Bytes {
  const bytes = loose(text);
  if (base64(bytes) !== text) throw new Damaged("not base64");
  return bytes;
}

export function base64(bytes: Uint8Array): string {
  let signs = "";
  for (const byte of bytes) signs += String.fromCharCode(byte);
  return btoa(signs);
}

/** Reads base64 as others write it, perhaps with bits behind the last byte that mean nothing. */
export function unbase64loosely(text: string): Bytes {
  if (text.length % 4 !== 0 || /\s/.test(text)) throw new Damaged("not base64");
  return loose(text);
}

/** Reads base64url without padding (RFC 7515). */
export function unbase64url(text: string): Bytes {
  const bytes = loose(text.replace(/-/g, "+").replace(/_/g, "/"));
  if (base64url(bytes) !== text) throw new Damaged("not base64url");
  return bytes;
}

export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function loose(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    throw new Damaged("not base64");
  }
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Reads a plain decimal number: digits only, no leading zero, small enough to be exact. */
export function decimal(text: string): number {
  const value = /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new Damaged("not a plain number");
  return value;
}
