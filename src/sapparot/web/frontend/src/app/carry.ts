// Reports that travel without a network: as a file, or as QR codes that another phone photographs. Nobody who carries one can change it.
import { base64url, Damaged, sha256, utf8 } from "../check/bytes";
import { readJws, text } from "../check/jws";
import { all, exchange } from "./database";
import type { Kept, ReportDraft, Stage } from "./facts";
import { REPORT } from "./keys";
import { BATCH, ended } from "./outbox";

const PIECE = 900;
const MARK = "SPQ1";
const LONGEST_LINE = 24_576;
/** The longest file that this app writes. */
export const LONGEST_FILE = BATCH * (LONGEST_LINE + 1);
/** So much is carried for others at a time, over all files and codes. One's own reports have no such bound. */
export const MOST_CARRIED = 200;
export const MOST_CARRIED_BYTES = 1_000_000;
const MOST_PIECES = 400;
const STAGES = new Set(["progress", "final", "official"]);

/** The file is the body of `POST /v1/reports`: one compact JWS a line. */
export function fileOf(reports: Kept[]): string {
  return reports.map((one) => `${one.jws}\n`).join("");
}

/** What is worth passing on: what the server does not have yet, one's own first; of one's running counts only the newest of each sheet. */
export function worthCarrying(reports: Kept[]): Kept[] {
  const owed = reports.filter((one) => (one.way === "kept" || one.way === "sent") && !one.again);
  const newest = new Map<string, Kept>();
  for (const one of owed) {
    const key = `${one.kid} ${one.sheet}`;
    if (runs(one) && (newest.get(key)?.seq ?? -1) < one.seq) newest.set(key, one);
  }
  const worth = [...owed.filter((one) => !runs(one)), ...newest.values()];
  return worth.sort((a, b) => Number(!a.person) - Number(!b.person)).slice(0, BATCH);
}

/** A count that goes on, as far as this phone knows it: what others' say of themselves leaves none of them out. */
function runs({ person, stage }: Kept): boolean {
  return person !== "" && stage === "progress";
}

/** Cuts a text into codes: mark, check of the whole, which of how many, piece. Any order brings it back. */
export async function piecesOf(whole: string): Promise<string[]> {
  const check = base64url(await sha256(utf8(whole))).slice(0, 12);
  const count = Math.max(1, Math.ceil(whole.length / PIECE));
  return Array.from({ length: count }, (_, at) => `${MARK} ${check} ${at + 1}/${count} ${whole.slice(at * PIECE, (at + 1) * PIECE)}`);
}

export interface Gathered {
  check: string;
  count: number;
  pieces: Map<number, string>;
}

/** Adds one code to what was gathered; another series begins anew. Throws Damaged for a code of something else. */
export function gather(gathered: Gathered | null, code: string): Gathered {
  const [, check = "", at = "", of = "", piece = ""] = /^SPQ1 ([\w-]{12}) (\d{1,3})\/(\d{1,3}) ([^]*)$/.exec(code) ?? [];
  const [place, count] = [Number(at), Number(of)];
  if (!check || place < 1 || place > count || count > MOST_PIECES) throw new Damaged("not a code of reports");
  const kept = gathered?.check === check && gathered.count === count ? gathered : { check, count, pieces: new Map<number, string>() };
  return { ...kept, pieces: new Map([...kept.pieces, [place, piece]]) };
}

/** The whole when every piece is there and fits its check; null while some are missing. */
export async function joined(gathered: Gathered): Promise<string | null> {
  if (gathered.pieces.size < gathered.count) return null;
  const whole = Array.from({ length: gathered.count }, (_, at) => gathered.pieces.get(at + 1) ?? "").join("");
  if (base64url(await sha256(utf8(whole))).slice(0, 12) !== gathered.check) throw new Damaged("the codes do not fit together");
  return whole;
}

/** Reads one line that somebody brought; throws Damaged when it is not a report. */
export function readReport(line: string, now: number): Kept {
  if (line.length > LONGEST_LINE) throw new Damaged("too long");
  const { header, payload } = readJws(line);
  const [id, sheet, stage, kid] = [text(payload, "id"), text(payload, "sheet"), text(payload, "stage"), text(header, "kid")];
  if (text(header, "typ") !== REPORT || !/^[0-9a-f-]{36}$/.test(id) || !sheet || !STAGES.has(stage) || !kid) throw new Damaged("not a report");
  const draft = payload as unknown as ReportDraft;
  const seq = typeof payload["seq"] === "number" ? payload["seq"] : 0;
  return {
    id, jws: line, kid, person: "", election: text(payload, "election"), sheet, stage: stage as Stage, draft, seq,
    way: "kept", made_at: now, moved_at: now, tries: 0, next_at: 0,
  }; // prettier-ignore
}

export interface Taken {
  fresh: number;
  known: number;
  damaged: number;
  /** Not taken in: this phone carries as much as it may. */
  full: number;
}

/** Picks out of what somebody brought what is a report, is not here yet and still has room; it is kept by the hash of its bytes. What was refused is tried anew. */
export async function sift(whole: string, outbox: Kept[], now: number): Promise<{ brought: Kept[]; taken: Taken }> {
  const taken: Taken = { fresh: 0, known: 0, damaged: 0, full: 0 };
  const brought: Kept[] = [];
  const here = new Set(outbox.filter((one) => one.person || !ended(one)).map((one) => one.jws));
  const waits = outbox.filter((one) => !one.person && !over(one));
  let [count, bytes] = [waits.length, waits.reduce((sum, one) => sum + one.jws.length, 0)];
  for (const line of whole.split(/\s+/).filter(Boolean)) {
    if (here.has(line)) {
      taken.known += 1;
      continue;
    }
    try {
      const read = readReport(line, now);
      if (count >= MOST_CARRIED || bytes + line.length > MOST_CARRIED_BYTES) {
        taken.full += 1;
        continue;
      }
      brought.push({ ...read, id: base64url(await sha256(utf8(line))), said_id: read.id });
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      taken.damaged += 1;
      continue;
    }
    here.add(line);
    [count, bytes] = [count + 1, bytes + line.length];
    taken.fresh += 1;
  }
  return { brought, taken };
}

/** Takes other people's reports into this phone's outbox. What is here already stays as it is; what was carried and is over makes room. */
export async function takeIn(whole: string, now: number): Promise<Taken> {
  const outbox = await all<Kept>("outbox");
  const { brought, taken } = await sift(whole, outbox, now);
  await letGo(outbox.filter((one) => !one.person && over(one)), brought);
  return taken;
}

/** Gives up everything that is carried: it stays on the phones that it came from. */
export async function unload(): Promise<void> {
  await letGo((await all<Kept>("outbox")).filter((one) => !one.person), []);
}

async function letGo(carried: Kept[], brought: Kept[]): Promise<void> {
  const gone = carried.map(({ id }) => id);
  await exchange("outbox", gone, brought);
  if (gone.length) await exchange("receipts", gone, []);
}

/** Whether nothing can be done here any more for what was carried. */
function over(one: Kept): boolean {
  return one.way === "logged" || one.way === "confirmed" || ended(one);
}
