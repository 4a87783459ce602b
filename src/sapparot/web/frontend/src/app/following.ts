// After the server has a report: its receipt, proved here, and then the state of its sheet.
import type { PhotographKept } from "../count/photos";
import { all, change, get, putWhile } from "./database";
import type { Kept, Proved, Way } from "./facts";
import { mark, waiting } from "./marking";
import { asWritten, lacksCosigners, ripe, wait } from "./outbox";
import { ask, saidSo, troubleIn } from "./wire";

const AT_ONCE = 4;
const BETWEEN_STATES = 30_000;
const SURE = new Set(["confirmed", "settled"]);
const NOT_YET = new Set([425, 429, 503, 502, 504, 408]);

export async function followReceipts(now: () => number): Promise<void> {
  const accepted = (await waiting<Kept>("outbox")).filter((one) => one.way === "accepted" && ripe(one, now()));
  accepted.sort(asWritten);
  for (let at = 0; at < accepted.length; at += AT_ONCE) {
    await Promise.all(accepted.slice(at, at + AT_ONCE).map((one) => follow(one, now)));
  }
}

async function follow(kept: Kept, now: () => number): Promise<void> {
  const answer = await ask("GET", `/v1/receipts/reports/${kept.said_id ?? kept.id}`);
  if (answer.status === 200) return proved(kept, answer.body, now);
  const trouble = troubleIn(answer);
  // Admitted or not is decided when the log takes it; a report that is not known here may be on another machine.
  const refused = saidSo(trouble) && answer.status >= 400 && answer.status < 500 && !NOT_YET.has(answer.status) && answer.status !== 404;
  await move(kept.id, (old) => (refused ? { way: "refused", trouble } : later(old, now(), answer.retry)), now());
}

async function proved(kept: Kept, receipt: string, now: () => number): Promise<void> {
  const { prove } = await import("./proving");
  const judged = await prove(kept, receipt, new Date(now()));
  if ("proved" in judged) {
    await putWhile(["outbox", kept.id], "receipts", judged.proved satisfies Proved);
    await move(kept.id, () => ({ way: "logged", tries: 0, trouble: undefined }), now());
    return;
  }
  // Of bytes that are carried nobody here knows who wrote them: others may have been admitted under their id.
  if (judged.verdict === "false" && !kept.person) return move(kept.id, () => ({ way: "conflict" }), now());
  await move(kept.id, (old) => ({ ...later(old, now(), null), ...(judged.verdict === "false" && { trouble: DOUBTFUL }) }), now());
}

/** The receipts of photographs whose original has arrived: each stands in the log as an entry of its own. */
export async function followPhotographs(now: () => number): Promise<void> {
  const open = (photo: PhotographKept): boolean => photo.state === "done" && photo.proved === undefined && ripe(photo, now());
  for (const photo of (await all<PhotographKept>("photographs")).filter(open)) {
    const answer = await ask("GET", `/v1/receipts/photographs/${photo.sha256}`);
    const proof = answer.status === 200 ? await (await import("./proving")).provePhotograph(photo.sha256, answer.body, new Date(now())) : null;
    const proved = proof && "proved" in proof ? proof.proved : null;
    if (proved) await putWhile(["photographs", photo.sha256], "receipts", proved);
    const wanted = proved ? { proved: proved.index } : { tries: photo.tries + 1, next_at: now() + wait(photo.tries, answer.retry, Math.random()) };
    await change<PhotographKept>("photographs", photo.sha256, (old) => (old ? { ...old, ...wanted } : null));
  }
}

/** Cosigners sign some seconds after the log: what it signed alone is asked for again until it has its quorum, reports and photographs alike. */
export async function followCosigners(now: () => number): Promise<void> {
  for (const old of (await all<Proved>("receipts")).filter((one) => lacksCosigners(one, now()))) {
    const kept = await get<Kept>("outbox", old.id);
    const answer = await ask("GET", kept ? `/v1/receipts/reports/${kept.said_id ?? kept.id}` : `/v1/receipts/photographs/${old.id}`);
    const { prove, provePhotograph } = await import("./proving");
    const moment = new Date(now());
    const judged = answer.status !== 200 ? null : await (kept ? prove(kept, answer.body, moment) : provePhotograph(old.id, answer.body, moment));
    // What does not hold takes nothing away: the receipt that is kept was proved.
    const better = judged && "proved" in judged ? judged.proved : old;
    const tries = (old.tries ?? 0) + 1;
    await change<Proved>("receipts", old.id, (there) => (there ? { ...better, tries, next_at: now() + wait(tries, answer.retry, Math.random()) } : null));
  }
}

const DOUBTFUL = {
  code: "phone.receipt_false",
  title: { th: "ใบรับที่ระบบส่งมาพิสูจน์ไม่ผ่านบนเครื่องนี้", en: "The receipt that the server gave does not hold on this phone" },
  detail: {
    th: "เก็บรายงานนี้ไว้ ส่งออกเป็นไฟล์ แล้วแจ้งเครือข่ายของคุณ เครื่องจะขอใบรับใหม่เอง",
    en: "Keep this report, export it as a file and tell your network. The phone will ask for a receipt again by itself.",
  },
};

function later(kept: Kept, now: number, retry: number | null): Partial<Kept> {
  return { tries: kept.tries + 1, next_at: now + wait(kept.tries, retry, Math.random()) };
}

export async function move(id: string, to: (old: Kept) => Partial<Kept> & { way?: Way }, now: number): Promise<void> {
  await mark<Kept>("outbox", id, (old) => ({ ...old, ...to(old), moved_at: now }));
}

let looked = 0;

/** Looks up in the published files what became of the sheets of reports that stand in the log. */
export async function followStates(now: () => number): Promise<void> {
  const open = (await waiting<Kept>("outbox")).filter((one) => one.way === "logged" && one.person);
  if (open.length === 0 || Math.abs(now() - looked) < BETWEEN_STATES) return;
  looked = now();
  const pointer = await read<{ last_full?: { n: number; url?: string } | null }>("/v1/latest.json");
  const full = pointer?.last_full;
  if (!full) return;
  const areas = new Set(open.map((one) => areaOf(one.sheet)));
  for (const area of areas) {
    const file = await read<Stations>(`/v1/snapshots/${full.n}/stations/${area}.json`);
    const states = file ? statesIn(file) : new Map<string, string>();
    for (const one of open.filter((kept) => areaOf(kept.sheet) === area)) {
      const state = states.get(one.sheet);
      if (state && (state !== one.state || SURE.has(state))) await move(one.id, () => ({ state, ...(SURE.has(state) && { way: "confirmed" as const }) }), now());
    }
  }
}

/** The constituency of a sheet: the first two parts of the station's code. */
export function areaOf(sheet: string): string {
  return sheet.split("-").slice(0, 2).join("-");
}

interface Stations {
  ballots: { ballot: string; columns: string[]; rows: unknown[][] }[];
}

/** Sheet to state, as the published file of a constituency's stations tells it. */
export function statesIn(file: Stations): Map<string, string> {
  const states = new Map<string, string>();
  for (const { ballot, columns, rows } of file.ballots) {
    const [station, state] = [columns.indexOf("station"), columns.indexOf("state")];
    for (const row of rows) states.set(`${String(row[station])}/${ballot}`, String(row[state]));
  }
  return states;
}

async function read<T>(path: string): Promise<T | null> {
  const answer = await ask("GET", path);
  try {
    return answer.status === 200 ? (JSON.parse(answer.body) as T) : null;
  } catch {
    return null;
  }
}
