// Whether a promise is genuine: its key stands in the log, the signature holds, and the report is one of those that it is about.
import { proven, type Log } from "./authors";
import { concat, hex, sha256, unhex, utf8, type Bytes } from "./bytes";
import type { Promised } from "./given";
import { jwsHolds, members, readJws, text, thumbprint } from "./jws";
import { leafHash, rootOver } from "./merkle";

export type Genuine = "holds" | "false" | "unfound";

export async function genuine(promise: Promised, report: string, log: Log): Promise<Genuine> {
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

/** The reports of one flush make a tree of their own: leaves are the report's id and the SHA-256 of the report as it was sent. */
async function covers(promise: Promised, report: string, root: string, size: number): Promise<boolean> {
  const id: Bytes = unhex(text(readJws(report).payload, "id").replace(/-/g, "").toLowerCase());
  const leaf = await leafHash(concat(id, await sha256(utf8(report))));
  const found = await rootOver(leaf, promise.index, size, promise.path);
  return id.length === 16 && found !== null && hex(found) === root;
}
