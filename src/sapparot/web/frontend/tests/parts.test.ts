import assert from "node:assert/strict";
import { test } from "node:test";
import { Damaged, utf8 } from "../src/check/bytes";
import { take, type Given } from "../src/check/given";
import { readReceipt, writeReceipt } from "../src/check/receipts";
import { linksFor, LONGEST } from "../src/check/parts";
import { check, evening, held, SmallLog } from "./small-log";

const PAGE = "https://count.example.org/en/check";

async function receiptOf(filling = 0): Promise<string> {
  const log = new SmallLog();
  const { report } = evening(log);
  const { outcome } = await check(held(log, report, 9), log.server());
  const receipt = readReceipt(outcome.receipt ?? "");
  return filling ? writeReceipt({ ...receipt, extra: new Uint8Array(filling) }) : writeReceipt(receipt);
}

async function all(links: string[], given: Given = {}): Promise<Given> {
  for (const link of links) given = await take(given, utf8(link));
  return given;
}

test("a proved entry gives a receipt that holds by itself", async () => {
  const log = new SmallLog();
  const { report } = evening(log);
  const { outcome } = await check({ index: report }, log.server());
  const again = await check(await take({}, utf8(outcome.receipt ?? "")), log.server());
  assert.equal(again.outcome.verdict, "alone");
  assert.equal(again.outcome.receipt, outcome.receipt);
  const { outcome: beyond } = await check({ index: 99_999 }, log.server());
  assert.equal(beyond.receipt, null);
});

test("a receipt goes through codes in any order, again and again, and comes out whole", async () => {
  const receipt = await receiptOf();
  const links = await linksFor(receipt, PAGE);
  assert.ok(links.length > 1 && links.every((link) => link.length <= LONGEST));
  const [last, ...others] = links;
  const given = await all([...others.reverse().flatMap((link) => [link, link]), last!]);
  assert.equal(writeReceipt(given.receipt!), receipt);
  assert.equal(given.parts, undefined);
  const lacking = await all(links.slice(1));
  assert.equal(lacking.receipt, undefined);
  assert.equal(lacking.parts?.pieces.length, links.length);
});

test("a short receipt is one link, and one that is too large is none", async () => {
  const short = `c2sp.org/tlog-proof@v1\nindex 0\n\na\n1\n${"A".repeat(43)}=\n\n— a ${"A".repeat(44)}\n`;
  const [link, ...more] = await linksFor(short, PAGE);
  assert.deepEqual([link?.includes("#receipt="), more], [true, []]);
  assert.deepEqual(await linksFor(await receiptOf(60_000), PAGE), []);
  assert.ok((await linksFor(await receiptOf(20_000), PAGE)).length > 30);
});

test("parts of two receipts are never joined", async () => {
  const [one, two] = [await linksFor(await receiptOf(), PAGE), await linksFor(await receiptOf(1500), PAGE)];
  const given = await all([...one.slice(0, -1), two[0]!]);
  assert.equal(given.receipt, undefined);
  assert.equal(given.parts?.pieces.filter(Boolean).length, 1);
  const mixed = one.map((link, at) => (at === 1 ? link.replace(/[\w-]{8}$/, "AAAAAAAA") : link));
  await assert.rejects(all(mixed), Damaged);
});

test("what only looks like a part is refused", async () => {
  for (const said of ["#part=3.2.0123456789abcdef.AAAA", "#part=0.2.0123456789abcdef.AAAA", "#part=1.2.0123.AAAA", "#part=1.100.0123456789abcdef.AA"]) {
    await assert.rejects(take({}, utf8(said)), Damaged);
  }
  const lone = await linksFor(await receiptOf(), PAGE);
  await assert.rejects(take({}, utf8(lone[0]!.replace(/#part=1\.\d+/, "#part=1.1"))), Damaged);
});
