// Reports that travel by file or as QR codes, and the map of stations.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeQR } from "qr";
import { decodeQR } from "qr/decode.js";
import { fileOf, gather, joined, MOST_CARRIED, MOST_CARRIED_BYTES, piecesOf, readReport, sift, worthCarrying, type Gathered } from "../src/app/carry";
import type { Kept } from "../src/app/facts";
import { makeKey, signReport, uuid7 } from "../src/app/keys";
import { payload } from "../src/app/reports";
import { Damaged } from "../src/check/bytes";
import { spotsOf } from "../src/app/screens/spots";

const NOW = 1_684_065_600_000;

async function report(changes: Partial<Kept> = {}, options = 57): Promise<Kept> {
  const votes = Object.fromEntries(Array.from({ length: options }, (_, at) => [String(at + 1), at * 3]));
  const draft = { sheet: "10-01-100101-003/list", stage: "final" as const, votes, valid: 4788 };
  const jws = await signReport(await makeKey(), payload(draft, uuid7(NOW), "th-2566", { seq: 1 }, NOW));
  return { ...readReport(jws, NOW), person: "p", ...changes };
}

function shuffled<T>(list: T[], seed: number): T[] {
  return list.map((one, at) => [Math.sin(seed + at), one] as const).sort((a, b) => a[0] - b[0]).map(([, one]) => one);
}

test("reports cut into codes come together in any order, with repeats", async () => {
  const whole = fileOf([await report(), await report({}, 3), await report({}, 57)]);
  const pieces = await piecesOf(whole);
  assert.ok(pieces.length > 3 && pieces.every((one) => one.length < 1_000));
  for (let seed = 0; seed < 20; seed++) {
    let gathered: Gathered | null = null;
    let found: string | null = null;
    for (const piece of [...shuffled(pieces, seed), ...shuffled(pieces, seed + 0.5)]) {
      gathered = gather(gathered, piece);
      found = await joined(gathered);
    }
    assert.equal(found, whole);
  }
});

test("a code is read back by the reader that is loaded where the browser has none", async () => {
  const [piece = ""] = await piecesOf(fileOf([await report()]));
  const rows = encodeQR(piece, "raw", { ecc: "low", border: 4, scale: 4 });
  const data = new Uint8ClampedArray(rows.length * rows.length * 4);
  rows.flat().forEach((dark, at) => data.set([dark ? 0 : 255, dark ? 0 : 255, dark ? 0 : 255, 255], at * 4));
  assert.equal(decodeQR({ width: rows.length, height: rows.length, data }), piece);
});

test("pieces of another series begin anew; a piece that was changed is found out", async () => {
  const [first = "", second = ""] = await piecesOf(fileOf([await report()]));
  const [other = ""] = await piecesOf(fileOf([await report()]));
  assert.equal(gather(gather(null, first), other).pieces.size, 1);
  const forged = second.slice(0, -5) + "~~~~\n";
  const gathered = [first, forged].reduce<Gathered | null>((kept, code) => gather(kept, code), null);
  assert.ok(gathered?.count === 2);
  await assert.rejects(joined(gathered), Damaged);
});

test("codes of something else are refused, none is repaired", () => {
  const odd = ["", "https://x/", "SPQ1", "SPQ1 abcdefghijkl 0/1 x", "SPQ1 abcdefghijkl 2/1 x", "SPQ1 abcdefghijkl 1/999 x", "SPQ2 abcdefghijkl 1/1 x", "SPQ1 abc 1/1 x"];
  for (const code of odd) assert.throws(() => gather(null, code), Damaged, code);
});

test("only reports are taken in from a file", async () => {
  const good = (await report()).jws;
  const [head = "", body = "", mark = ""] = good.split(".");
  const other = [
    "",
    "a.b.c",
    good.replace(/\./g, " "),
    `${head}.${body}`,
    `${head}.${btoa("{}")}.${mark}`,
    `${btoa('{"alg":"none","typ":"x"}')}.${body}.${mark}`,
    good + "A".repeat(30_000),
  ];
  for (const line of other) assert.throws(() => readReport(line, NOW), Damaged, line.slice(0, 60));
  assert.equal(readReport(good, NOW).person, "", "what is carried is nobody's own");
});

test("what is passed on is what has not arrived; of running counts the newest of each sheet", async () => {
  const list = await Promise.all([
    report({ id: "final" }),
    report({ id: "p1", stage: "progress", seq: 1, kid: "k" }),
    report({ id: "p2", stage: "progress", seq: 2, kid: "k" }),
    report({ id: "there", way: "accepted" }),
    report({ id: "no", way: "refused" }),
    report({ id: "old", again: "final" }),
  ]);
  assert.deepEqual(worthCarrying(list).map((one) => one.id), ["final", "p2"]);
});

test("one's own is passed on before what is carried, and no number that carried bytes say leaves any of it out", async () => {
  const many = await Promise.all(Array.from({ length: 250 }, (_, at) => report({ id: `c${at}`, person: "" }, 1)));
  const own = await report({ id: "own", stage: "progress", seq: 3, kid: "k" });
  const forged = await report({ id: "forged", person: "", stage: "progress", seq: 9_999, kid: "k" });
  const passed = worthCarrying([...many, forged, own]).map((one) => one.id);
  assert.deepEqual([passed[0], passed.length], ["own", 200]);
  assert.deepEqual(worthCarrying([forged, own]).map((one) => one.id), ["own", "forged"]);
});

test("bytes that somebody forged under an id keep the true ones not out, in any order", async () => {
  const good = (await report()).jws;
  const other = (await report()).jws;
  const forged = `${good.split(".").slice(0, 2).join(".")}.${other.split(".")[2]}`;
  for (const whole of [`${forged}\n${good}`, `${good}\n${forged}\n${good}`]) {
    const { brought, taken } = await sift(whole, [], NOW);
    assert.deepEqual([brought.map((one) => one.jws).sort(), taken.fresh], [[forged, good].sort(), 2]);
    assert.equal(new Set(brought.map((one) => one.id)).size, 2);
    assert.ok(brought.every((one) => one.said_id === readReport(good, NOW).id && one.person === ""));
    const again = await sift(whole, brought, NOW);
    assert.deepEqual([again.brought, again.taken.fresh], [[], 0]);
  }
  const mine = { ...readReport(good, NOW), person: "p" };
  assert.equal((await sift(good, [mine], NOW)).taken.known, 1, "one's own comes back and stays one's own");
});

test("what was refused is tried anew when it is brought again; what arrived, or is one's own, is not", async () => {
  const { jws } = await report();
  const [carried] = (await sift(jws, [], NOW)).brought;
  assert.ok(carried);
  for (const way of ["refused", "conflict"] as const) {
    const { brought, taken } = await sift(jws, [{ ...carried, way }], NOW);
    assert.deepEqual([brought, taken.fresh], [[carried], 1], "in the place of what was refused");
    assert.equal((await sift(jws, [{ ...carried, way, person: "p" }], NOW)).taken.known, 1);
  }
  for (const way of ["sent", "accepted", "logged"] as const) assert.equal((await sift(jws, [{ ...carried, way }], NOW)).taken.known, 1);
});

test("a phone carries so many and so long at most, over all files; own reports and what is over take no room", async () => {
  const one = await report({ person: "" }, 3);
  const next = (await report({}, 3)).jws;
  const full = Array.from({ length: MOST_CARRIED }, (_, at) => ({ ...one, id: `c${at}`, jws: `x${at}` }));
  const length = (outbox: Kept[]): Promise<number[]> => sift(next, outbox, NOW).then(({ taken }) => [taken.fresh, taken.full]);
  assert.deepEqual(await length(full), [0, 1]);
  assert.deepEqual(await length(full.slice(1)), [1, 0]);
  assert.deepEqual(await length(full.map((kept) => ({ ...kept, person: "p" }))), [1, 0]);
  assert.deepEqual(await length(full.map((kept) => ({ ...kept, way: "logged" as const }))), [1, 0]);
  assert.deepEqual(await length([{ ...one, jws: "x".repeat(MOST_CARRIED_BYTES - next.length + 1) }]), [0, 1]);
  assert.deepEqual(await length([{ ...one, jws: "x".repeat(MOST_CARRIED_BYTES - next.length) }]), [1, 0]);
});

test("the map keeps north up and one scale for both ways", () => {
  const at = (code: string, lat: number, lon: number) => ({ code, lat: lat * 1e6, lon: lon * 1e6 });
  const spots = new Map(spotsOf([at("north", 13.76, 100.5), at("south", 13.74, 100.5), at("east", 13.75, 100.51)], null).map((one) => [one.station.code, one]));
  const [north, south, east] = ["north", "south", "east"].map((code) => spots.get(code));
  assert.ok(north && south && east && north.y < south.y && east.x > north.x);
  assert.ok(Math.abs(south.y - north.y) > Math.abs(east.x - north.x) * 1.9, "a degree of longitude is a little shorter");
  for (const { x, y } of spots.values()) assert.ok(x >= 0 && x <= 100 && y >= 0 && y <= 100);
  assert.equal(spotsOf([{ code: "x", lat: null, lon: null }], null).length, 0);
  assert.ok(spotsOf([at("one", 13.7, 100.5)], [13.7, 100.5]).every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
});
