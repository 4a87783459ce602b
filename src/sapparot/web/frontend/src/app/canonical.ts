// Canonical JSON (RFC 8785) of what reports hold: objects, arrays, texts, whole numbers, booleans and null.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined };

/** Members that are undefined are left out, as they are unknown. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).filter((name) => value[name] !== undefined);
    // The default order of JavaScript is that of UTF-16 code units, which is what the RFC asks for.
    return `{${names.sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name] as Json)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("only whole numbers are written");
  return JSON.stringify(value);
}
