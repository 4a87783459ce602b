// One way to talk to the server: short waits, problems in both languages, and how far the phone's clock is off.
import { get, put } from "./database";
import { AppProblem, type Text, type Trouble } from "./facts";

export interface Answer {
  status: number;
  body: string;
  /** Seconds that the server asks to wait. */
  retry: number | null;
}

export interface Question {
  body?: unknown;
  /** Sent as it is, with this type. */
  raw?: { text: string; type: string };
  token?: string;
  seconds?: number;
  /** Whose own it is; the person at work unless another is named. */
  person?: string;
}

/** No network, or nobody answers. What was to be sent is still here. */
export class Offline extends Error {}

const SECONDS = 20;
/** A channel to the worker, which the browser does not tell that the network went away or came back. */
export const LINE = "sapparot-line";
let line = new AbortController();

/** What is asked now is given up when this aborts. */
export function onThisLine(): AbortSignal {
  return line.signal;
}

/** The network went away or came back: nobody answers any more what was asked before. */
export function hangUp(): void {
  line.abort();
  line = new AbortController();
}

const LEAST_SKEW = 60_000;

export async function ask(method: string, path: string, question: Question = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: "application/json" };
  const person = OWN.test(path) ? (question.person ?? (await settled("current"))) : "";
  if (person) headers["x-sapparot-person"] = person;
  if (question.token) headers["authorization"] = `Bearer ${question.token}`;
  let body: string | undefined;
  if (question.raw) [body, headers["content-type"]] = [question.raw.text, question.raw.type];
  else if (question.body !== undefined) [body, headers["content-type"]] = [JSON.stringify(question.body), "application/json"];
  const giveUp = new AbortController();
  const stop = (): void => giveUp.abort();
  const [timer, begunOn] = [setTimeout(stop, (question.seconds ?? SECONDS) * 1000), onThisLine()];
  begunOn.addEventListener("abort", stop);
  try {
    const begun = Date.now();
    const answer = await fetch(path, { method, headers, ...(body !== undefined && { body }), cache: "no-store", credentials: "same-origin", signal: giveUp.signal });
    const read = await answer.text();
    if (answer.status === 401 && person && saidSo(troubleIn({ status: 401, body: read }))) await signedOut(person).catch(() => undefined);
    void compare(answer.headers.get("date"), begun, Date.now()).catch(() => undefined);
    return { status: answer.status, body: read, retry: waits(answer.headers.get("retry-after"), Date.now()) };
  } catch (error) {
    throw new Offline(String(error));
  } finally {
    clearTimeout(timer);
    begunOn.removeEventListener("abort", stop);
  }
}

/** What is a person's own. The cookie says who is signed in in this browser, and on a family's phone that may be somebody else. */
const OWN = /^\/v1\/(me|duties|stations\/open)\b/;

async function settled(name: string): Promise<string> {
  return (await get<{ value: string }>("settings", name))?.value ?? "";
}

async function signedOut(person: string): Promise<void> {
  if ((await settled("session")) === person) await put("settings", { name: "session", value: "" });
}

/** Asks for JSON; throws AppProblem with what the server said when it refuses. */
export async function json<T>(method: string, path: string, question: Question = {}): Promise<T> {
  const answer = await ask(method, path, question);
  if (answer.status >= 400) throw new AppProblem(troubleIn(answer));
  if (answer.status === 204) return null as T;
  try {
    return JSON.parse(answer.body) as T;
  } catch {
    throw new AppProblem(troubleIn({ ...answer, status: 502 }));
  }
}

/** `Retry-After` is seconds or a date (RFC 9110). */
export function waits(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, Math.ceil((until - now) / 1000));
}

const UNEXPECTED: Text = { th: "ระบบตอบผิดปกติ ลองใหม่อีกครั้งในอีกสักครู่", en: "The server answered in an unexpected way. Try again in a moment." };

/** Reads a problem (RFC 9457); anything else is an unexpected answer. */
export function troubleIn(answer: { status: number; body: string }): Trouble {
  try {
    const said = JSON.parse(answer.body) as Record<string, unknown>;
    if (typeof said["code"] === "string") return { ...troubleOf(said), status: answer.status };
  } catch {
    // No problem of the server's.
  }
  return { code: `http.${answer.status}`, title: UNEXPECTED, status: answer.status };
}

/** Whether the server itself said so. A page of somebody who stands between, as of a Wi-Fi that wants a login, ends nothing that waits. */
export function saidSo({ code }: Trouble): boolean {
  return !code.startsWith("http.");
}

export function troubleOf(said: Record<string, unknown>): Trouble {
  const title = { th: String(said["title_th"] ?? said["title"] ?? UNEXPECTED.th), en: String(said["title"] ?? UNEXPECTED.en) };
  const detail = said["detail_th"] || said["detail"] ? { th: String(said["detail_th"] ?? said["detail"]), en: String(said["detail"] ?? "") } : undefined;
  return { code: String(said["code"] ?? "unknown"), title, ...(detail && { detail }) };
}

/** How far this phone's clock is from the server's, in milliseconds; the middle of the journey is compared. Zero when it is near. */
export function skewOf(date: string | null, begun: number, ended: number): number | null {
  const theirs = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return null;
  const apart = (begun + ended) / 2 - (theirs + 500);
  return Math.abs(apart) < LEAST_SKEW + (ended - begun) / 2 ? 0 : Math.round(apart);
}

let off = 0;

/** What the clock of this phone is taken to be off by, as far as it is known. */
export function clockIsOff(milliseconds: number): void {
  off = milliseconds;
}

/** The time as the server has it, where it was compared; for judging what the server promised. */
export function rightNow(): number {
  return Date.now() - off;
}

async function compare(date: string | null, begun: number, ended: number): Promise<void> {
  const skew = skewOf(date, begun, ended);
  if (skew === null) return;
  clockIsOff(skew);
  const kept = await get<{ value: number }>("settings", "skew");
  if ((kept?.value ?? 0) !== skew && (skew === 0 || Math.abs(skew - (kept?.value ?? 0)) > 5000)) await put("settings", { name: "skew", value: skew });
}
