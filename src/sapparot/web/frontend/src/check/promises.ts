// Whether a promise binds, as `sapparot promise` judges it: its key stands in the log, the signature holds, the report is one of those that
// it is about, and a device signed it that was enrolled at that time and not revoked.
import { proven, type Log } from "./authors";
import { concat, hex, sha256, unhex, utf8, type Bytes } from "./bytes";
import type { Promised } from "./given";
import { jwsHolds, members, readJws, text, thumbprint, type Jws, type Members } from "./jws";
import { leafHash, rootOver } from "./merkle";

/** "void": it is genuine and binds nobody to this report; "unfound", "unenrolled": its key, or an enrolment of that time, is not found. */
export type Binding = "holds" | "false" | "void" | "unfound" | "unenrolled";

export async function binding(promise: Promised, report: string, log: Log): Promise<Binding> {
  const found = await genuine(promise, report, log);
  return found === "holds" ? signer(readJws(report), promise.receivedAt, log) : found;
}

async function genuine(promise: Promised, report: string, log: Log): Promise<"holds" | "false" | "unfound"> {
  const jws = readJws(promise.jws);
  const kid = text(jws.header, "kid");
  if (!(await covers(promise, report, text(jws.payload, "root"), Number(jws.payload["size"])))) return "false";
  for (const [, entry] of await proven(kid, "promise_key", log.head.size, log)) {
    const key = members(entry, "key");
    if ((await thumbprint(key)) !== kid || text(entry, "log") !== promise.log) continue;
    return (await jwsHolds(jws, key)) ? "holds" : "false";
  }
  return "unfound";
}

/** Whether the log knew the device at that moment. What the server does not name is not found here; it finds who reads the whole log. */
async function signer(letter: Jws, at: string, log: Log): Promise<"holds" | "void" | "unenrolled"> {
  const kid = text(letter.header, "kid");
  if (text(letter.header, "typ") !== "sapparot-report+jwt") return "void";
  let enrolled = false;
  for (const said of await about(kid, "enrolment", log)) {
    const key = members(said, "key");
    if ((await thumbprint(key)) !== kid) continue;
    if (!(await jwsHolds(letter, key))) return "void";
    enrolled ||= text(said, "from") <= at && at < text(said, "until");
  }
  for (const said of await about(kid, "revocation", log)) if (text(said, "at") <= at) return "void";
  return enrolled ? "holds" : "unenrolled";
}

/** What networks signed about a device. */
async function about(kid: string, kind: string, log: Log): Promise<Members[]> {
  const entries = await proven(kid, kind, log.head.size, log);
  return entries.map(([, entry]) => readJws(text(entry, "jws")).payload).filter((said) => text(said, "kid") === kid);
}

/** The reports of one flush make a tree of their own: leaves are the report's id and the SHA-256 of the report as it was sent. */
async function covers(promise: Promised, report: string, root: string, size: number): Promise<boolean> {
  const id: Bytes = unhex(text(readJws(report).payload, "id").replace(/-/g, "").toLowerCase());
  const leaf = await leafHash(concat(id, await sha256(utf8(report))));
  const found = await rootOver(leaf, promise.index, size, promise.path);
  return id.length === 16 && found !== null && hex(found) === root;
}
