import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8, type Bytes } from "../src/check/bytes";
import { consistent, included, leafHash, rootOver } from "../src/check/merkle";
import { Missing, Tiles } from "../src/check/tiles";
import { mth, pathOf, SmallLog } from "./small-log";

function logOf(size: number): SmallLog {
  const log = new SmallLog();
  for (let n = 0; n < size; n++) log.add({ n });
  return log.publish();
}

function tilesOf(log: SmallLog, read: string[] = []): Tiles {
  const { read: file } = log.server();
  return new Tiles((path) => (read.push(path), file(path)), log.entries.length);
}

test("every leaf of every small tree leads to the root, and to no other", async () => {
  for (let size = 1; size <= 20; size++) {
    const leaves = logOf(size).leaves;
    const head = { size, root: mth(leaves) };
    for (let index = 0; index < size; index++) {
      const [leaf, path] = [leaves[index] as Bytes, pathOf(index, leaves)];
      assert.equal(await included(leaf, index, head, path), true);
      assert.equal(await included(await leafHash(utf8("x")), index, head, path), false, "a changed leaf");
      assert.equal(await included(leaf, index, head, [...path, leaf]), false, "a hash too many");
      if (path.length) assert.equal(await included(leaf, index, head, path.slice(1)), false, "a hash too few");
      const other = (index + 1) % size;
      if (size > 1) assert.equal(await included(leaf, index, head, pathOf(other, leaves)), false, "a swapped proof");
    }
  }
});

test("hashes that are short, places outside the tree and sizes that are no numbers are refused", async () => {
  const leaves = logOf(5).leaves;
  const [leaf, path] = [leaves[2] as Bytes, pathOf(2, leaves)];
  assert.equal(await rootOver(leaf, 2, 5, path.map((hash) => hash.slice(0, 31))), null);
  assert.equal(await rootOver(leaf.slice(1), 2, 5, path), null);
  for (const [index, size] of [[5, 5], [-1, 5], [2, 0], [2.5, 5], [NaN, 5], [2, Infinity]] as const) {
    assert.equal(await rootOver(leaf, index, size, path), null);
  }
});

test("proofs computed from tiles hold for every pair of sizes around the edge of a tile", async () => {
  for (const size of [1, 2, 3, 7, 8, 255, 256, 257, 300, 513]) {
    const log = logOf(size);
    const [tiles, head] = [tilesOf(log), { size, root: mth(log.leaves) }];
    for (const index of [0, 1, size >> 1, 254, 255, 256, size - 1].filter((one) => one < size)) {
      assert.deepEqual(await tiles.path(index), pathOf(index, log.leaves), `path of ${index} in ${size}`);
      assert.deepEqual(await tiles.entry(index), log.entries[index]);
    }
    for (const then of [0, 1, 2, 3, size >> 1, 255, 256, 257, size - 1, size].filter((one) => one <= size && one >= 0)) {
      const [old, proof] = [{ size: then, root: mth(log.leaves.slice(0, then)) }, await tiles.consistency(then)];
      assert.equal(await consistent(old, head, proof), true, `${then} in ${size}`);
      assert.equal(await consistent({ size: then, root: mth(logOf(3).leaves.slice(1)) }, head, proof), false, "another root");
      if (proof.length) {
        assert.equal(await consistent(old, head, proof.slice(1)), false);
        assert.equal(await consistent(old, head, proof.map((hash) => hash.slice(1))), false);
        assert.equal(await consistent(old, { size, root: proof[0] as Bytes }, proof), false);
      }
    }
  }
});

test("each tile is read once, and a partial one that is gone is replaced by the full one", async () => {
  const log = logOf(300);
  const read: string[] = [];
  const tiles = tilesOf(log, read);
  await tiles.path(7);
  await tiles.path(270);
  assert.equal(new Set(read).size, read.length);
  const whole = logOf(512);
  whole.files.set("tile/1/000.p/1", logOf(300).files.get("tile/1/000.p/1") as Bytes);
  const older = new Tiles(whole.server().read, 300);
  assert.deepEqual(await older.path(270), pathOf(270, whole.leaves.slice(0, 300)));
  await assert.rejects(new Tiles(logOf(3).server().read, 300).path(7), Missing);
});

test("a tile or bundle that is cut off is said to be damaged", async () => {
  const log = logOf(9);
  for (const [name, file] of log.files) if (name.startsWith("tile")) log.files.set(name, file.slice(0, -1));
  await assert.rejects(tilesOf(log).path(3), /too short/);
  await assert.rejects(tilesOf(log).entry(8), /inside an entry/);
});

test("names of tiles are written in groups of three digits", async () => {
  const read: string[] = [];
  const tiles = new Tiles(async (path) => (read.push(path), new Uint8Array(0)), 1_234_067 * 256 + 9);
  await assert.rejects(tiles.entry(1_234_067 * 256 + 3));
  await assert.rejects(tiles.entry(12 * 256));
  assert.deepEqual(read, ["tile/entries/x001/x234/067.p/9", "tile/entries/012"]);
});
