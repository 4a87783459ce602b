// Who signed an entry. A report is signed by a device; the device was enrolled by a network, whose key stands in the log too.
// The server only says where to look: what is found there proves itself, or is passed over.
import { Damaged, type Bytes } from "./bytes";
import { jwsHolds, members, readJson, readJws, text, thumbprint, type Jws, type Members } from "./jws";
import { included, leafHash, type Head } from "./merkle";
import type { Tiles } from "./tiles";

export interface Author {
  kid: string;
  network: string;
  /** What the network calls itself, by language. */
  name: Members;
  enrolled: number;
  announced: number;
  level: number;
  /** Whether the key is a gateway's, which signs what somebody wrote in a text message. */
  byText: boolean;
}

/** What does not hold, as the end of a word's key; "unfound" means that it cannot be judged. */
export type Doubt = "unfound" | "signature" | "enrolment" | "outdated";

export interface Log {
  head: Head;
  tiles: Tiles;
  /** Positions of entries of a kind about a key, by its thumbprint: a hint, nothing more. */
  about: (kid: string, kind: string) => Promise<number[]>;
}

const LETTERS: Record<string, string> = { report: "sapparot-report+jwt", reading: "sapparot-reading+jwt" };
const MOST_LOOKED_AT = 16;

/** The JWS inside a report or reading; null for entries that no device signs. */
export function letterOf(entry: Members): Jws | null {
  const typ = LETTERS[text(entry, "kind")];
  if (!typ) return null;
  const jws = readJws(text(entry, "jws"));
  if (text(jws.header, "typ") !== typ) throw new Damaged("the signed part is of another kind");
  return jws;
}

export async function authorOf(letter: Jws, at: string, before: number, log: Log): Promise<Author | Doubt> {
  const kid = text(letter.header, "kid");
  for (const [position, entry] of await proven(kid, "enrolment", before, log)) {
    const enrolment = readJws(text(entry, "jws"));
    const { payload } = enrolment;
    const key = members(payload, "key");
    if (text(payload, "kid") !== kid || (await thumbprint(key)) !== kid) continue;
    if (!(await jwsHolds(letter, key))) return "signature";
    if (text(enrolment.header, "typ") !== "sapparot-enrolment+jwt") return "enrolment";
    const found = await networkOf(enrolment, position, log);
    if (typeof found === "string") return found;
    if (at < text(payload, "from") || at > text(payload, "until")) return "outdated";
    const level = Number(payload["level"]);
    const [announced, name] = found;
    const byText = payload["channel"] === "text";
    return { kid, network: text(payload, "network"), name, enrolled: position, announced, level, byText };
  }
  return "unfound";
}

/** Where the network which signed an enrolment is announced, and its names. */
async function networkOf(enrolment: Jws, before: number, log: Log): Promise<[number, Members] | Doubt> {
  const kid = text(enrolment.header, "kid");
  for (const [position, entry] of await proven(kid, "network", before, log)) {
    const key = members(entry, "key");
    if ((await thumbprint(key)) !== kid || text(entry, "id") !== text(enrolment.payload, "network")) continue;
    return (await jwsHolds(enrolment, key)) ? [position, members(entry, "name")] : "enrolment";
  }
  return "unfound";
}

/** Entries about a key that stand in the log before a position, each with a proof that it does. */
export async function proven(kid: string, kind: string, before: number, log: Log): Promise<[number, Members][]> {
  const found: [number, Members][] = [];
  const hints = (await log.about(kid, kind)).filter((position) => position < before && position < log.head.size);
  for (const position of hints.slice(0, MOST_LOOKED_AT)) {
    const body = await log.tiles.entry(position);
    const leaf: Bytes = await leafHash(body);
    if (!(await included(leaf, position, log.head, await log.tiles.path(position)))) throw new Damaged("an entry is not in the log");
    const entry = readJson(body);
    if (text(entry, "kind") === kind) found.push([position, entry]);
  }
  return found;
}
