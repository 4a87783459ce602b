// Merkle trees of RFC 6962: leaf SHA-256(0x00, entry), node SHA-256(0x01, left, right). Proofs are checked as in RFC 9162,
// sections 2.1.3.2 and 2.1.4.2. Sizes go up to 2^53, so halves are computed by division and never by shifts.
import { concat, same, sha256, type Bytes } from "./bytes";

export const HASH = 32;

export interface Head {
  size: number;
  root: Bytes;
}

const half = (value: number): number => Math.floor(value / 2);
const odd = (value: number): boolean => value % 2 === 1;

export function leafHash(entry: Uint8Array): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(0), entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** The root that a leaf and its path lead to; null when the path does not fit the place in the tree or a hash is not 32 bytes. */
export async function rootOver(leaf: Bytes, index: number, size: number, path: Bytes[]): Promise<Bytes | null> {
  if (!whole(index) || !whole(size) || index >= size || !sound([leaf, ...path])) return null;
  let [first, last, root] = [index, size - 1, leaf];
  for (const hash of path) {
    if (last === 0) return null;
    if (odd(first) || first === last) {
      root = await nodeHash(hash, root);
      while (!odd(first) && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      root = await nodeHash(root, hash);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 ? root : null;
}

export async function included(leaf: Bytes, index: number, head: Head, path: Bytes[]): Promise<boolean> {
  const root = await rootOver(leaf, index, head.size, path);
  return root !== null && same(root, head.root);
}

/** Tells whether the log of `now` begins with the whole log of `then`. */
export async function consistent(then: Head, now: Head, proof: Bytes[]): Promise<boolean> {
  if (!whole(then.size) || !whole(now.size) || then.size > now.size || !sound([then.root, now.root, ...proof])) return false;
  if (then.size === now.size) return proof.length === 0 && same(then.root, now.root);
  if (then.size === 0) return proof.length === 0 && same(then.root, await sha256(new Uint8Array(0)));
  return walk(then, now, proof);
}

async function walk(then: Head, now: Head, proof: Bytes[]): Promise<boolean> {
  let [first, last] = [then.size - 1, now.size - 1];
  while (odd(first)) [first, last] = [half(first), half(last)];
  const hashes = first === 0 ? [then.root, ...proof] : proof;
  const start = hashes[0];
  if (!start) return false;
  let [before, after] = [start, start];
  for (const hash of hashes.slice(1)) {
    if (last === 0) return false;
    if (odd(first) || first === last) {
      [before, after] = [await nodeHash(hash, before), await nodeHash(hash, after)];
      while (!odd(first) && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      after = await nodeHash(after, hash);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && same(before, then.root) && same(after, now.root);
}

function sound(hashes: Bytes[]): boolean {
  return hashes.every((hash) => hash.length === HASH);
}

function whole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
