// What somebody brings: receipts, entries, keys, policies, promises, links and numbers, told apart by what they are.
import { Damaged, decimal, unbase64url, unhex, utf8, words, type Bytes } from "./bytes";
import { readJson, readJws, text, type Members } from "./jws";
import { readKey, type VerifierKey } from "./notes";
import { added, assembled, missing, type Parts } from "./parts";
import { readPolicy, type Policy } from "./quorum";
import { FIRST_LINE, readReceipt, type Receipt } from "./receipts";

export interface Promised {
  jws: string;
  report: string;
  receivedAt: string;
  seconds: number;
  log: string;
  /** The place of the report among those that were promised together, and the path from it to the root that was signed. */
  index: number;
  path: Bytes[];
}

/** Everything that was brought together; a second piece of a kind replaces the first. */
export interface Given {
  receipt?: Receipt;
  entry?: Bytes;
  key?: VerifierKey;
  policy?: Policy;
  promise?: Promised;
  report?: string;
  index?: number;
  /** Of a receipt that goes through several codes, what was read until now. */
  parts?: Parts;
}

/**
 * Puts what is brought now to what was kept. A number, and whatever comes after a verdict, begins anew; so nobody's receipt is ever
 * held against somebody else's entry. Keys and policies of one's own stay, and so does a report that waits alone for its receipt.
 */
export function joined(kept: Given, now: Given, decided: boolean): Given {
  const { key, policy } = kept;
  if (decided || now.index !== undefined) return { ...(key && { key }), ...(policy && { policy }), ...now };
  const { index: _, parts: _parts, ...rest } = kept;
  if (!now.receipt?.extra || now.entry) return { ...rest, ...now };
  const { entry: _entry, promise, report, ...others } = rest;
  return { ...others, ...(report && !promise && { report }), ...now };
}

const LARGEST = 300_000;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Adds one piece to what was brought; throws Damaged when it is none that is known. */
export async function take(given: Given, bytes: Bytes): Promise<Given> {
  if (bytes.length > LARGEST) throw new Damaged("too large");
  const raw = words(bytes);
  const said = raw.trim();
  const link = /[#?&](entry|receipt)=([\w-]+)$/.exec(said);
  if (link?.[1] === "entry") return { ...given, index: decimal(link[2] ?? "") };
  // A link may bring a receipt and nothing else: whoever sends it must not choose whom the reader trusts.
  if (link?.[1] === "receipt") return { ...given, receipt: readReceipt(lines(words(unbase64url(link[2] ?? "")))) };
  const parts = added(given.parts, said);
  if (parts) return gathered(given, parts);
  if (said.startsWith(FIRST_LINE)) return { ...given, receipt: readReceipt(lines(raw)) };
  if (said.startsWith("{")) return json(given, bytes);
  if (/^#?[0-9][0-9,]*$/.test(said)) return { ...given, index: decimal(said.replace(/[#,]/g, "")) };
  if (COMPACT.test(said)) return { ...given, report: said };
  if (/^[^\n+]+\+[0-9a-f]{8}\+\S+$/u.test(said)) return { ...given, key: await readKey(said) };
  if (/^[ \t]*quorum[ \t]/m.test(said)) return { ...given, policy: await readPolicy(raw) };
  throw new Damaged("of no known kind");
}

/** Adds what a camera or a picture shows. Anybody can put one code over another: like a link it must not choose whom the reader trusts. */
export async function seen(given: Given, code: string): Promise<Given> {
  const found = await take(given, utf8(code));
  if (found.key !== given.key || found.policy !== given.policy) throw new Damaged("a key or a policy in a code");
  return found;
}

async function gathered(given: Given, parts: Parts): Promise<Given> {
  if (missing(parts).length > 0) return { ...given, parts };
  const { parts: _, ...others } = given;
  return { ...others, receipt: readReceipt(lines(words(await assembled(parts)))) };
}

/** A receipt that was pasted may have lost the last line end, or carry those of another system. */
function lines(raw: string): string {
  return `${raw.replace(/\r\n/g, "\n").trim()}\n`;
}

function json(given: Given, bytes: Bytes): Given {
  const value = readJson(bytes);
  const promise = promiseIn(value);
  if (promise) return { ...given, promise };
  if (text(value, "kind")) return { ...given, entry: trimmed(bytes) };
  throw new Damaged("of no known kind");
}

/** Entries have no white space around them; editors like to add a line end. */
function trimmed(bytes: Bytes): Bytes {
  return utf8(words(bytes).trim());
}

/** A promise alone, or inside the answer of the door for reports. */
function promiseIn(value: Members): Promised | null {
  const inner = value["promise"];
  const held = (typeof inner === "object" && inner !== null ? inner : value) as Members;
  if (typeof held["jws"] !== "string" || "kind" in held) return null;
  const jws = readJws(held["jws"]);
  if (text(jws.header, "typ") !== "sapparot-promise+jwt") return null;
  const receivedAt = text(jws.payload, "received_at");
  const seconds = Number(jws.payload["max_delay"]);
  if (Number.isNaN(new Date(Date.parse(receivedAt) + seconds * 1000).getTime())) throw new Damaged("a promise without a time");
  return { jws: held["jws"], report: text(value, "report"), receivedAt, seconds, log: text(jws.payload, "log"), ...placeIn(held) };
}

function placeIn(held: Members): { index: number; path: Bytes[] } {
  const { index, path } = held;
  if (typeof index !== "number" || !Array.isArray(path) || path.length > 63) throw new Damaged("a promise without its path");
  return { index, path: path.map((node) => unhex(String(node))) };
}

/** The entry that a promise is about: the report as it was sent, at the moment that the promise names. */
export function promisedEntry(promise: Promised, report: string): Bytes {
  return utf8(JSON.stringify({ at: promise.receivedAt, jws: report, kind: "report", v: 1 }));
}
