// Tiles (C2SP tlog-tiles): where they are, the hashes in them, and proofs computed from them.
import { Damaged, type Bytes } from "./bytes";
import { HASH, nodeHash } from "./merkle";

const WIDTH = 256;
const HEIGHT = 8;

/** Reads a file of the log below its prefix; throws when there is none. */
export type Read = (path: string) => Promise<Bytes>;

export class Missing extends Error {}

function numbered(n: number): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, "0");
  const groups = digits.match(/.{3}/g) ?? [];
  return groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join("/");
}

function pathOf(level: string, n: number, width: number): string {
  return `tile/${level}/${numbered(n)}${width === WIDTH ? "" : `.p/${width}`}`;
}

/** The hashes of a log of one size. Each tile is read once; what they say is believed only when a proof from them leads to a root. */
export class Tiles {
  private readonly kept = new Map<string, Promise<Bytes>>();

  constructor(
    private readonly read: Read,
    readonly size: number,
  ) {}

  /** The body of an entry, from its bundle: lengths of two bytes, each before its entry. */
  async entry(index: number): Promise<Bytes> {
    const n = Math.floor(index / WIDTH);
    const width = Math.min(WIDTH, this.size - n * WIDTH);
    const bundle = await this.either("entries", n, width);
    const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
    let at = 0;
    for (let place = 0; ; place++) {
      if (at + 2 > bundle.length) throw new Damaged("the bundle ends too early");
      const start = at + 2;
      at = start + view.getUint16(at);
      if (at > bundle.length) throw new Damaged("the bundle ends inside an entry");
      if (place === index % WIDTH) return bundle.slice(start, at);
    }
  }

  /** The path of a leaf to the root of `size` entries, from the leaf up. */
  async path(index: number): Promise<Bytes[]> {
    return this.climb(index, 0, this.size);
  }

  /** What shows that the log of this size begins with that of `then` entries (RFC 6962, section 2.1.2). */
  async consistency(then: number): Promise<Bytes[]> {
    return then === 0 || then === this.size ? [] : this.descend(then, 0, this.size, true);
  }

  private async climb(index: number, from: number, to: number): Promise<Bytes[]> {
    if (to - from === 1) return [];
    const middle = from + split(to - from);
    return index < middle
      ? [...(await this.climb(index, from, middle)), await this.over(middle, to)]
      : [...(await this.climb(index, middle, to)), await this.over(from, middle)];
  }

  private async descend(then: number, from: number, to: number, known: boolean): Promise<Bytes[]> {
    if (then === to) return known ? [] : [await this.over(from, to)];
    const middle = from + split(to - from);
    return then <= middle
      ? [...(await this.descend(then, from, middle, known)), await this.over(middle, to)]
      : [...(await this.descend(then, middle, to, false)), await this.over(from, middle)];
  }

  /** The hash over the entries from `from` up to `to`, which are a subtree of the log. */
  private async over(from: number, to: number): Promise<Bytes> {
    const count = to - from;
    const height = Math.log2(count);
    if (Number.isInteger(height) && from % count === 0) return this.node(height, from / count);
    const middle = from + split(count);
    return nodeHash(await this.over(from, middle), await this.over(middle, to));
  }

  /** The root of a full subtree: `index` counted among those of its height. */
  private async node(height: number, index: number): Promise<Bytes> {
    const level = Math.floor(height / HEIGHT);
    const inside = 2 ** (height - level * HEIGHT);
    const first = index * inside;
    const n = Math.floor(first / WIDTH);
    const wide = Math.min(WIDTH, Math.floor(this.size / WIDTH ** level) - n * WIDTH);
    const tile = await this.either(String(level), n, wide);
    if (tile.length < wide * HASH || tile.length % HASH !== 0) throw new Damaged("a tile is too short");
    return folded(tile.subarray((first % WIDTH) * HASH, ((first % WIDTH) + inside) * HASH));
  }

  /** A partial tile may be gone when the full one is there. */
  private either(level: string, n: number, width: number): Promise<Bytes> {
    const path = pathOf(level, n, width);
    let found = this.kept.get(path);
    if (!found) {
      found = this.read(path).catch((error: unknown) => {
        if (error instanceof Missing && width < WIDTH) return this.read(pathOf(level, n, WIDTH));
        throw error;
      });
      this.kept.set(path, found);
    }
    return found;
  }
}

async function folded(hashes: Bytes): Promise<Bytes> {
  if (hashes.length === HASH) return hashes.slice();
  const middle = hashes.length / 2;
  return nodeHash(await folded(hashes.subarray(0, middle)), await folded(hashes.subarray(middle)));
}

/** The largest power of two below `count`. */
function split(count: number): number {
  let left = 1;
  while (left * 2 < count) left *= 2;
  return left;
}
