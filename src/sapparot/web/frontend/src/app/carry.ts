// Reports that travel without a network: as a file, or as QR codes that another phone photographs. Nobody who carries one can change it.
import { base64url, Damaged, sha256, utf8 } from "../check/bytes";
import { readJws, text } from "../check/jws";
import { all, change } from "./database";
import type { Kept, ReportDraft, Stage } from "./facts";
import { REPORT } from "./keys";
import { BATCH } from "./outbox";

const PIECE = 900;
const MARK = "SPQ1";
const LONGEST_LINE = 24_576;
const MOST_PIECES = 400;
const STAGES = new Set(["progress", "final", "official"]);

/** The file is the body of `POST /v1/reports`: one compact JWS a line. */
export function fileOf(reports: Kept[]): string {
  return reports.map((one) => `${one.jws}\n`).join("");
}

/** What is worth passing on: what the server does not have yet; of running counts only the newest of each sheet. */
export function worthCarrying(reports: Kept[]): Kept[] {
  const owed = reports.filter((one) => (one.way === "kept" || one.way === "sent") && !one.again);
  const newest = new Map<string, Kept>();
  for (const one of owed) {
    const key = `${one.kid} ${one.sheet}`;
    if (one.stage === "progress" && (newest.get(key)?.seq ?? -1) < one.seq) newest.set(key, one);
  }
  return [...owed.filter((one) => one.stage !== "progress"), ...newest.values()].slice(0, BATCH);
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
}

/** Takes other people's reports into this phone's outbox; what is there already stays as it is. */
export async function takeIn(whole: string, now: number): Promise<Taken> {
  const taken: Taken = { fresh: 0, known: 0, damaged: 0 };
  const here = new Map((await all<Kept>("outbox")).map((one) => [one.id, one]));
  for (const line of whole.split(/\s+/).filter(Boolean).slice(0, BATCH * 5)) {
    let brought: Kept;
    try {
      brought = readReport(line, now);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      taken.damaged += 1;
      continue;
    }
    if (here.has(brought.id)) {
      taken.known += 1;
      continue;
    }
    here.set(brought.id, brought);
    await change<Kept>("outbox", brought.id, (old) => (old ? null : brought));
    taken.fresh += 1;
  }
  return taken;
}

/** Drops what was carried and has arrived. */
export function arrived(reports: Kept[]): Kept[] {
  return reports.filter((one) => !one.person && ["logged", "confirmed"].includes(one.way));
}
