// Signed notes, verifier keys, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
import { concat, Damaged, decimal, hex, same, sha256, unbase64, unbase64loosely, utf8, type Bytes } from "./bytes";
import { HASH, type Head } from "./merkle";
import { ed25519 } from "./signatures";

export const ED25519 = 0x01;
export const COSIGNED = 0x04;
/** Room for sixteen signatures of the largest kind that the C2SP texts name, as everywhere in Sapparot. */
const LARGEST = 131_072;
const MOST_SIGNATURES = 100;
/** Names hold neither plus nor white space, as Unicode has it, nor control characters. */
const NAME = "[^\\p{White_Space}\\u0000-\\u001f+]+";
const KEY = new RegExp(`^(${NAME})\\+([0-9a-f]{8})\\+(\\S+)$`, "u");
const LINE = new RegExp(`^\u2014 (${NAME}) (\\S+)$`, "u");

export interface VerifierKey {
  name: string;
  id: Bytes;
  type: number;
  key: Bytes;
}

export interface Signature {
  name: string;
  id: Bytes;
  bytes: Bytes;
}

export interface Checkpoint extends Head {
  origin: string;
  text: string;
  note: string;
  signatures: Signature[];
}

/** Reads `name+id+base64(type, key)`; the id must be the one that follows from the rest, the type the one that is wanted. */
export async function readKey(text: string, wanted?: number): Promise<VerifierKey> {
  const [, name, id, encoded] = KEY.exec(text) ?? [];
  if (!name || !id || !encoded) throw new Damaged("not a verifier key");
  const material = unbase64(encoded);
  const type = material[0];
  if (material.length !== 33 || (type !== ED25519 && type !== COSIGNED) || type !== (wanted ?? type)) throw new Damaged("a kind of key that is not known");
  const computed = (await sha256(concat(utf8(`${name}\n`), material))).slice(0, 4);
  if (hex(computed) !== id) throw new Damaged("the id of the key is not that of its name and bytes");
  return { name, id: computed, type, key: material.slice(1) };
}

/** Reads a signed checkpoint: origin, size, root, perhaps extension lines, an empty line, signatures. Nothing is verified yet. */
export function readCheckpoint(note: string): Checkpoint {
  const end = note.lastIndexOf("\n\n");
  // Control characters other than line ends are not allowed in notes.
  if (end < 0 || utf8(note).length > LARGEST || !note.endsWith("\n") || /[\u0000-\u0009\u000b-\u001f]/.test(note)) {
    throw new Damaged("not a signed note");
  }
  const text = note.slice(0, end + 1);
  const [origin, size, root, ...more] = text.slice(0, -1).split("\n");
  if (!origin || size === undefined || root === undefined || more.includes("")) throw new Damaged("not a checkpoint");
  const hash = unbase64(root);
  if (hash.length !== HASH) throw new Damaged("a root has 32 bytes");
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) throw new Damaged("too many signatures");
  return { origin, size: decimal(size), root: hash, text, note, signatures: lines.map(readSignature) };
}

function readSignature(line: string): Signature {
  const [, name, encoded] = LINE.exec(line) ?? [];
  if (!name || !encoded) throw new Damaged("not a signature line");
  const blob = unbase64loosely(encoded);
  if (blob.length < 5) throw new Damaged("a signature is too short");
  return { name, id: blob.slice(0, 4), bytes: blob.slice(4) };
}

/** What a key says about a checkpoint: "none" when it did not sign, "false" when its signature does not hold. */
export type Signed = "holds" | "false" | "none";

export async function signedBy(checkpoint: Checkpoint, key: VerifierKey): Promise<Signed> {
  const own = ownSignatures(checkpoint, key);
  if (own.length === 0 || key.type !== ED25519 || checkpoint.origin !== key.name) return "none";
  for (const one of own) {
    if (!(await ed25519(key.key, one.bytes, utf8(checkpoint.text)))) return "false";
  }
  return "holds";
}

/** A cosignature with the moment at which it was given, in seconds since 1970. */
export async function cosignedBy(checkpoint: Checkpoint, key: VerifierKey): Promise<{ signed: Signed; time: number }> {
  const own = ownSignatures(checkpoint, key);
  if (own.length === 0 || key.type !== COSIGNED) return { signed: "none", time: 0 };
  let newest = 0;
  for (const { bytes } of own) {
    if (bytes.length !== 72) return { signed: "false", time: 0 };
    const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
    if (time === BigInt(0) || time >> BigInt(63)) return { signed: "false", time: 0 };
    const message = utf8(`cosignature/v1\ntime ${time}\n${checkpoint.text}`);
    if (!(await ed25519(key.key, bytes.slice(8), message))) return { signed: "false", time: 0 };
    newest = Math.max(newest, Number(time));
  }
  return { signed: "holds", time: newest };
}

function ownSignatures(checkpoint: Checkpoint, key: VerifierKey): Signature[] {
  return checkpoint.signatures.filter((one) => one.name === key.name && same(one.id, key.id));
}

/** The SHA-256 of the public key in groups of four: what two people can read to each other. */
export async function fingerprint(key: VerifierKey): Promise<string> {
  return (hex(await sha256(key.key)).match(/.{4}/g) ?? []).join(" ");
}
