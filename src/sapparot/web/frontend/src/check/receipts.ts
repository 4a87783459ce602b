// Receipts: the C2SP tlog-proof, version 1. An index, the path from the leaf up, and a checkpoint, as one text.
import { base64, Damaged, decimal, unbase64, type Bytes } from "./bytes";
import { HASH } from "./merkle";
import { readCheckpoint, type Checkpoint } from "./notes";

export const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const DEEPEST = 63;

export interface Receipt {
  index: number;
  path: Bytes[];
  checkpoint: Checkpoint;
  extra: Bytes | null;
}

export function readReceipt(text: string): Receipt {
  const end = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(end, 0)).split("\n");
  if (first !== FIRST_LINE) throw new Damaged("not a receipt");
  const extra = lines[0]?.startsWith("extra ") ? unbase64(lines.shift()?.slice(6) ?? "") : null;
  const index = lines.shift() ?? "";
  if (!index.startsWith("index ")) throw new Damaged("the index is missing");
  const path = lines.map(unbase64);
  if (path.length > DEEPEST || path.some((hash) => hash.length !== HASH)) throw new Damaged("a hash has 32 bytes");
  return { index: decimal(index.slice(6)), path, checkpoint: readCheckpoint(text.slice(end + 2)), extra };
}

/** The text of a receipt, with the entry in it. */
export function writeReceipt({ index, path, checkpoint, extra }: Receipt): string {
  const lines = [FIRST_LINE, ...(extra ? [`extra ${base64(extra)}`] : []), `index ${index}`, ...path.map(base64)];
  return `${lines.join("\n")}\n\n${checkpoint.note}`;
}
