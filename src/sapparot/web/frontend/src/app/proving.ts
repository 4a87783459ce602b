// A receipt is believed when this phone has proved it: by the same judge that stands on the public page /check.
import type { Given } from "../check/given";
import { Check } from "../check/judge";
import { text, type Members } from "../check/jws";
import { readKey, type VerifierKey } from "../check/notes";
import { FIRST_LINE, readReceipt } from "../check/receipts";
import { remember, server } from "../check/server";
import { Damaged, words } from "../check/bytes";
import { get, put } from "./database";
import type { Kept, Proved } from "./facts";

export type Judged = { proved: Proved } | { verdict: "false" | "unknown" };

/** Proves that the log holds exactly the bytes that this phone signed. The log's key is the one this phone met first. */
export function prove(kept: Kept, receipt: string, now: Date): Promise<Judged> {
  return judged(kept.id, receipt, { report: kept.jws }, now, () => true);
}

/** Proves that the log says of this photograph that it was kept: an entry of evidence that names its original. */
export function provePhotograph(sha256: string, receipt: string, now: Date): Promise<Judged> {
  return judged(sha256, receipt, {}, now, (entry) => entry?.["kind"] === "evidence" && entry["original"] === sha256);
}

async function judged(id: string, receipt: string, more: Given, now: Date, says: (entry: Members | null) => boolean): Promise<Judged> {
  // A page of somebody who stands between is no receipt, neither a true one nor a false one.
  if (!receipt.startsWith(FIRST_LINE)) return { verdict: "unknown" };
  try {
    const given: Given = { receipt: readReceipt(receipt), ...more, key: await logKey() };
    const outcome = await new Check(given, server, () => undefined, now).run();
    if (outcome.newest) remember(outcome.newest.origin, outcome.newest);
    if (outcome.verdict !== "holds" && outcome.verdict !== "alone") return { verdict: outcome.verdict === "false" ? "false" : "unknown" };
    if (!says(outcome.entry)) return { verdict: "false" };
    const name = outcome.author?.name ?? {};
    return {
      proved: {
        id,
        receipt,
        index: outcome.index ?? 0,
        log: outcome.key?.name ?? "",
        fingerprint: outcome.fingerprint,
        verdict: outcome.verdict,
        cosigners: outcome.cosigned?.count ?? 0,
        all: outcome.cosigned?.all ?? 0,
        network: { th: text(name, "th"), en: text(name, "en") },
        proved_at: now.getTime(),
      },
    };
  } catch (error) {
    if (error instanceof Damaged) return { verdict: "false" };
    return { verdict: "unknown" };
  }
}

/** The key of the log, pinned at the first meeting: a server that shows another one later is found out. */
async function logKey(): Promise<VerifierKey> {
  const kept = await get<{ value: string }>("settings", "log_key");
  const known = kept && (await readKey(kept.value).catch(() => null));
  if (known) return known;
  const said = words(await server.read("log.vkey")).trim();
  const key = await readKey(said).catch(() => null);
  if (!key) throw new Error("what came is not the key of a log");
  await put("settings", { name: "log_key", value: said });
  return key;
}
