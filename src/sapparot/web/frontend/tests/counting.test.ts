import assert from "node:assert/strict";
import { test } from "node:test";
import { found, tilesAfter, typed } from "../src/count/finding";
import { BOUNCE_MS, counts, SLIP_MS } from "../src/count/guard";
import { Keeper, type Saved } from "../src/count/keeping";
import { due, falls, reasonOf, type LastTold, type Told } from "../src/count/pace";
import { ballots, CAST, corrected, count, MOST_STEPS, NO_VOTE, NOTHING, redone, SPOILED, tapped, undone, type Tally } from "../src/count/tally";

/** A repeatable row of whole numbers below `below` (Lehmer's generator). */
function chances(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

const KEYS = ["1", "2", "31", SPOILED, NO_VOTE];

function someStep(tally: Tally, chance: (below: number) => number): Tally {
  const key = KEYS[chance(KEYS.length)] ?? "1";
  const kind = chance(10);
  if (kind < 7) return tapped(tally, key);
  if (kind < 9) return corrected(tally, key, chance(50), "misheard");
  return corrected(tally, CAST, chance(900), "recount");
}

test("every step can be taken back to where the evening began, and forth again", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const chance = chances(seed);
    let tally: Tally = NOTHING;
    for (let step = 0; step < 200; step++) tally = someStep(tally, chance);
    const end = tally;
    while (tally.steps.length) tally = undone(tally);
    assert.equal(ballots(tally), 0);
    assert.equal(tally.cast, null);
    while (tally.undone.length) tally = redone(tally);
    assert.deepEqual([tally.counts, tally.cast, tally.steps], [end.counts, end.cast, end.steps]);
  }
});

test("a tap adds one ballot to one figure and to nothing else", () => {
  const tally = tapped(tapped(tapped(NOTHING, "31"), "31"), SPOILED);
  assert.deepEqual(tally.counts, { "31": 2, spoiled: 1 });
  assert.equal(ballots(tally), 3);
  assert.equal(count(tally, "2"), 0);
  assert.equal(undone(NOTHING), NOTHING);
  assert.equal(redone(tally), tally);
});

test("a new tap closes the way forth, a typed figure that changes nothing is no step", () => {
  const tally = tapped(undone(tapped(NOTHING, "1")), "2");
  assert.equal(redone(tally), tally);
  assert.equal(corrected(tally, "2", 1, "misheard"), tally);
  assert.equal(ballots(corrected(tally, CAST, 400, "recount")), 1, "ballots cast are not counted ballots");
});

test("old steps are forgotten, their figures are not", () => {
  let tally: Tally = NOTHING;
  for (let tap = 0; tap < 2 * MOST_STEPS; tap++) tally = tapped(tally, "7");
  assert.equal(tally.steps.length, MOST_STEPS);
  while (tally.steps.length) tally = undone(tally);
  assert.equal(count(tally, "7"), MOST_STEPS);
});

test("a bouncing finger counts once, two ballots read one after the other count twice", () => {
  const last = { key: "31", at: 1000 };
  assert.equal(counts(null, "31", 0), true);
  assert.equal(counts(last, "31", 1000 + BOUNCE_MS - 1), false);
  assert.equal(counts(last, "31", 1000 + BOUNCE_MS), true);
  assert.equal(counts(last, "32", 1000 + SLIP_MS - 1), false);
  assert.equal(counts(last, "32", 1000 + SLIP_MS), true);
  assert.equal(counts(last, "31", 5), true, "a clock that began anew locks nobody out");
});

const told = (votes: Record<string, number>, spoiled = 0, no_vote = 0): Told => ({ votes, spoiled, no_vote });
const last = (at: number, votes: Record<string, number>, spoiled = 0): LastTold => ({ id: "a", at, ...told(votes, spoiled) });

test("progress goes out every minute in which something changed, or with 25 more ballots", () => {
  assert.equal(due(told({ "1": 0 }), null, 90_000, 0), false, "nothing was read yet");
  assert.equal(due(told({ "1": 1 }), null, 59_999, 0), false);
  assert.equal(due(told({ "1": 1 }), null, 60_000, 0), true);
  assert.equal(due(told({ "1": 25 }), null, 1, 0), true);
  assert.equal(due(told({ "1": 49 }), last(0, { "1": 25 }), 59_999, 0), false);
  assert.equal(due(told({ "1": 50 }), last(0, { "1": 25 }), 10, 0), true);
  assert.equal(due(told({ "1": 25 }), last(0, { "1": 25 }), 1e9, 0), false, "the same is not told twice");
  assert.equal(due(told({ "1": 24 }), last(0, { "1": 25 }), 60_000, 0), true, "a fall is told too");
  assert.equal(due(told({ "1": 26 }), last(5e9, { "1": 25 }), 60_000, 0), true, "a clock that was set back stops nothing");
});

test("a fall anywhere is a fall, even when the sum grows", () => {
  assert.equal(falls(told({ "1": 9, "2": 40 }), last(0, { "1": 10, "2": 20 })), true);
  assert.equal(falls(told({ "1": 10 }, 1), last(0, { "1": 10 }, 2)), true);
  assert.equal(falls(told({ "1": 10, "3": 1 }, 2), last(0, { "1": 10 }, 2)), false);
  assert.equal(reasonOf(undefined), "slip");
  assert.equal(reasonOf("tap"), "slip");
  assert.equal(reasonOf("recount"), "recount");
});

const LIST = Array.from({ length: 57 }, (_, index) => index + 1);

test("any of 57 options is found by the digits that are read aloud", () => {
  for (const number of LIST) {
    const text = String(number).split("").reduce((before, digit) => typed(before, digit, LIST), "");
    assert.equal(found(text, LIST), number);
  }
  assert.equal(typed("3", "1", LIST), "31");
  assert.equal(typed("5", "8", LIST), "8", "58 does not stand: it begins anew");
  assert.equal(typed("31", "2", LIST), "2");
  assert.equal(typed("", "0", LIST), "", "no number begins with nought");
  assert.equal(typed("31", "0", LIST), "31");
  assert.equal(found("60", LIST), null);
  assert.equal(found("", LIST), null);
});

test("a tile keeps its place; only one that was overtaken gives way", () => {
  const counts: Record<string, number> = {};
  let tiles: readonly number[] = [];
  const use = (number: number): void => {
    counts[number] = (counts[number] ?? 0) + 1;
    tiles = tilesAfter(tiles, number, counts, 3);
  };
  [31, 29, 22, 31, 29, 6].forEach(use);
  assert.deepEqual(tiles, [31, 29, 22], "an equal does not push out");
  use(6);
  assert.deepEqual(tiles, [31, 29, 6], "the others did not move");
});

test("the newest state is written while one write is in flight, and never two at a time", async () => {
  const written: number[] = [];
  let flying = 0;
  const states: Saved[] = [];
  const keeper = new Keeper<number>(
    async (value) => {
      assert.equal(++flying, 1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      written.push(value);
      flying--;
    },
    (state) => states.push(state),
  );
  for (let value = 1; value <= 100; value++) void keeper.keep(value);
  await keeper.keep(101);
  assert.deepEqual(written, [1, 101]);
  assert.equal(states[states.length - 1], "saved");
});

test("what could not be written is said, kept, and written when there is room again", async () => {
  let full = true;
  const written: number[] = [];
  const keeper = new Keeper<number>(async (value) => {
    if (full) throw new Error("QuotaExceededError");
    written.push(value);
  });
  await keeper.keep(1);
  assert.equal(keeper.state, "failed");
  await keeper.keep(2);
  assert.equal(keeper.state, "failed");
  full = false;
  await keeper.again();
  assert.deepEqual([written, keeper.state], [[2], "saved"]);
});
