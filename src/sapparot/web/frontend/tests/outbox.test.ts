// The outbox: what is sent when, what an answer means, and that nothing is lost on the way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { canonical } from "../src/app/canonical";
import type { Kept } from "../src/app/facts";
import { areaOf, statesIn } from "../src/app/following";
import { makeKey, signAsk, signReport, uuid7 } from "../src/app/keys";
import { answered, asWritten, delayed, due, lacksCosigners, latest, linesIn, reached, ripe, shownTo, tally, wait } from "../src/app/outbox";
import { cosignersOf } from "../src/app/receipt-card";
import { observed, payload } from "../src/app/reports";
import { skewOf, troubleIn, waits } from "../src/app/wire";
import { jwsHolds, readJws, text, thumbprint } from "../src/check/jws";

const NOW = 1_684_065_600_000;

function kept(changes: Partial<Kept> = {}): Kept {
  const draft = { sheet: "10-01-100101-003/constituency", stage: "final" as const, votes: { "1": 212 } };
  return { id: "a", jws: "x.y.z", kid: "k", person: "p", election: "e", ...draft, draft, seq: 1, way: "kept", made_at: NOW, moved_at: NOW, tries: 0, next_at: 0, ...changes };
}

test("a receipt is asked for again while too few cosigners stand behind it, and says so in words", () => {
  const said = [
    [{ verdict: "holds", cosigners: 2, all: 3 }, false, "ครบจำนวนแล้ว (2 จาก 3)"],
    [{ verdict: "alone", cosigners: 1, all: 3 }, true, "ยังไม่ครบจำนวน (1 จาก 3)"],
    [{ verdict: "alone", cosigners: 0, all: 0 }, false, "ไม่ได้กำหนดให้มีผู้ร่วมลงนาม"],
    // An earlier version of the app counted lines that nobody verified.
    [{ verdict: "alone", cosigners: 7 }, true, "ยังไม่ครบจำนวน"],
    [{ verdict: "holds", cosigners: 7 }, false, "ครบจำนวนแล้ว"],
  ] as const;
  for (const [proved, again, words] of said) {
    assert.equal(lacksCosigners(proved, NOW), again, words);
    assert.ok(cosignersOf(proved).includes(words), cosignersOf(proved));
    assert.ok(!cosignersOf(proved).includes("7"));
    assert.equal(lacksCosigners({ ...proved, next_at: NOW + 1_000 }, NOW), false, "it waits first");
  }
});

test("a report keeps its bytes whatever the server answers", () => {
  for (const outcome of ["accepted", "duplicate", "conflict", "refused", "something else"]) {
    const after = answered(kept(), { outcome, promise: { jws: "p" }, problem: { code: "intake.conflict", title: "T", title_th: "ท" } }, NOW);
    assert.equal(after.jws, "x.y.z");
    assert.notEqual(after.way, "kept");
  }
  assert.equal(delayed(kept(), NOW, 5_000).jws, "x.y.z");
});

test("accepted and duplicate mean the same: it is on the server's disk", () => {
  for (const outcome of ["accepted", "duplicate"]) {
    const after = answered(kept({ trouble: { code: "old", title: { th: "", en: "" } } }), { outcome, promise: 1 }, NOW);
    assert.equal(after.way, "accepted");
    assert.equal(after.promise, 1);
    assert.equal(after.trouble, undefined);
  }
});

test("a refusal says why in both languages", () => {
  const problem = { code: "intake.device_revoked", title: "revoked", title_th: "เพิกถอน", detail: "d", detail_th: "ด" };
  const after = answered(kept(), { outcome: "refused", problem }, NOW);
  assert.deepEqual(after.trouble, { code: "intake.device_revoked", title: { th: "เพิกถอน", en: "revoked" }, detail: { th: "ด", en: "d" } });
});

test("finals go first, oldest first; what waits for its time is left alone; what is settled is not sent again", () => {
  const list = [
    kept({ id: "p1", stage: "progress", made_at: 1 }),
    kept({ id: "f2", made_at: 3 }),
    kept({ id: "f1", made_at: 2, way: "sent" }),
    kept({ id: "later", next_at: NOW + 1 }),
    kept({ id: "done", way: "accepted" }),
    kept({ id: "no", way: "refused" }),
  ];
  assert.deepEqual(due(list, NOW).map((one) => one.id), ["f1", "f2", "p1"]);
});

test("what is carried for others goes after all that is one's own, whatever it says of itself", () => {
  const list = [
    kept({ id: "forged", person: "", made_at: 1, seq: 0 }),
    kept({ id: "running", stage: "progress", made_at: 9, seq: 2 }),
    kept({ id: "carried", person: "", made_at: 2, seq: 9 }),
    kept({ id: "final", made_at: 8, seq: 3 }),
  ];
  assert.deepEqual(due(list, NOW).map((one) => one.id), ["final", "running", "forged", "carried"]);
});

test("the order of what a phone wrote is that of its numbers: a clock that is put back changes nothing", () => {
  const first = kept({ id: "first", made_at: NOW + 9 * 86_400_000, seq: 6 });
  const correction = kept({ id: "correction", made_at: NOW, seq: 7 });
  assert.deepEqual([correction, first].sort(asWritten).map((one) => one.id), ["first", "correction"]);
  assert.deepEqual(due([correction, first], NOW).map((one) => one.id), ["first", "correction"]);
});

test("what the present key wrote is newer than what the key before it wrote, whose numbers may be higher", () => {
  const [before, first, correction] = [kept({ id: "before", kid: "old", seq: 41 }), kept({ id: "first", seq: 1 }), kept({ id: "correction", seq: 2 })];
  assert.equal(latest([correction, before, first], "k")?.id, "correction");
  assert.equal(latest([before, kept({ id: "earlier", kid: "old", seq: 40 })], "k")?.id, "before", "this key has written nothing yet");
  assert.equal(latest([], "k"), undefined);
});

test("phones come back apart: waits double up to five minutes and are spread; Retry-After is obeyed and never undercut", () => {
  assert.equal(wait(0, null, 0.5), 2_000);
  assert.equal(wait(3, null, 0.5), 16_000);
  for (let tries = 0; tries < 2_000; tries += 7) {
    for (const chance of [0, 0.3, 0.999]) {
      const time = wait(tries, null, chance);
      assert.ok(time >= 1_000 && time <= 450_000);
      assert.ok(wait(tries, 30, chance) >= 30_000 && wait(tries, 30, chance) <= 45_000);
    }
  }
  assert.equal(wait(0, 1e9, 0), 3_600_000);
});

test("an answer counts only when it has one line for each report", () => {
  assert.equal(linesIn('{"outcome":"accepted"}\n', 1)?.length, 1);
  for (const body of ["", "null", "{}", "not json", '{"outcome":"accepted"}\n{"outcome":"accepted"}', '{"outcome":3}', "[1]"]) {
    assert.equal(linesIn(body, 1), null, body);
  }
});

test("Retry-After is seconds or a date", () => {
  assert.equal(waits("7", NOW), 7);
  assert.equal(waits(new Date(NOW + 9_000).toUTCString(), NOW), 9);
  assert.equal(waits("soon", NOW), null);
  assert.equal(waits(null, NOW), null);
});

test("a clock that is off by minutes is said, one that is off by seconds is not, a slow network is no wrong clock", () => {
  assert.equal(skewOf(new Date(NOW).toUTCString(), NOW, NOW + 200), 0);
  assert.equal(skewOf(new Date(NOW).toUTCString(), NOW + 600_000, NOW + 600_000), 599_500);
  assert.equal(skewOf(new Date(NOW).toUTCString(), NOW - 3_600_000, NOW - 3_600_000), -3_600_500);
  assert.equal(skewOf(new Date(NOW).toUTCString(), NOW, NOW + 200_000), 0);
  assert.equal(skewOf(null, NOW, NOW), null);
  assert.equal(skewOf("never", NOW, NOW), null);
});

test("an answer that is no problem of ours is said to be unexpected, and never shown as it came", () => {
  for (const body of ["<html>proxy</html>", "", "[]", '"text"', "null"]) {
    const trouble = troubleIn({ status: 502, body });
    assert.ok(trouble.title.th.length > 5 && !trouble.title.en.includes("<"), body);
  }
});

test("canonical JSON sorts members, leaves out what is undefined, and writes whole numbers only", () => {
  assert.equal(canonical({ b: 1, a: [true, null, "ก\n"], c: undefined, "10": 0, "2": -3 }), '{"10":0,"2":-3,"a":[true,null,"ก\\n"],"b":1}');
  assert.throws(() => canonical({ a: 0.5 }), RangeError);
  assert.throws(() => canonical({ a: NaN }), RangeError);
});

test("a report is signed under the device's own key and reads back as it was said", async () => {
  const key = await makeKey();
  const draft = { sheet: "s/list", stage: "progress" as const, votes: { "1": 3 }, spoiled: 1 };
  const id = uuid7(NOW);
  const jws = readJws(await signReport(key, payload(draft, id, "th", { seq: 4, place: [1375, 10049] }, NOW)));
  const jwk = (await crypto.subtle.exportKey("jwk", key.keys.publicKey)) as Record<string, unknown>;
  assert.equal(await thumbprint(jwk), text(jws.header, "kid"));
  assert.ok(await jwsHolds(jws, jwk));
  assert.deepEqual(jws.payload, { app: "web/1.0", election: "th", id, observed_at: observed(NOW), place: [1375, 10049], replaces: null, seq: 4, sheet: "s/list", spoiled: 1, stage: "progress", v: 1, votes: { "1": 3 } });
  await assert.rejects(crypto.subtle.exportKey("pkcs8", key.keys.privateKey));
});

test("the ask for enrolment carries the public key alone", async () => {
  const jws = readJws(await signAsk(await makeKey()));
  const jwk = jws.header["jwk"] as Record<string, unknown>;
  assert.deepEqual(Object.keys(jwk).sort(), ["crv", "kty", "x", "y"]);
  assert.deepEqual(jws.payload, { invite: "", v: 1 });
  assert.ok(await jwsHolds(jws, jwk));
});

test("ids are UUIDv7: they carry the moment and never repeat", () => {
  const ids = new Set(Array.from({ length: 2_000 }, () => uuid7(NOW)));
  assert.equal(ids.size, 2_000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(parseInt(uuid7(NOW).replace("-", "").slice(0, 12), 16), NOW);
});

test("the time of a report is the phone's own, with its offset", () => {
  const own = process.env["TZ"];
  const at = (zone: string) => ((process.env["TZ"] = zone), observed(NOW));
  assert.equal(at("Asia/Bangkok"), "2023-05-14T19:00:00+07:00");
  assert.equal(at("America/St_Johns"), "2023-05-14T09:30:00-02:30");
  assert.equal(at("UTC"), "2023-05-14T12:00:00+00:00");
  if (own === undefined) delete process.env["TZ"];
  else process.env["TZ"] = own;
});

test("how far a report came is counted in steps; the badge counts what waits and what needs a person", () => {
  assert.deepEqual(["kept", "sent", "accepted", "logged", "confirmed"].map((way) => reached(way as Kept["way"])), [0, 1, 2, 3, 4]);
  const list = [kept(), kept({ way: "sent" }), kept({ way: "refused" }), kept({ way: "conflict", again: "b" }), kept({ way: "logged" }), kept({ way: "refused", person: "" })];
  assert.deepEqual(tally(list), { waiting: 2, stopped: 1, safe: 1 });
});

test("the state of a sheet is read from the published file by the names of its columns", () => {
  const file = { ballots: [{ ballot: "list", columns: ["state", "station"], rows: [["confirmed", "10-01-100101-003"], ["live", "10-01-100101-004"]] }] };
  assert.deepEqual([...statesIn(file)], [["10-01-100101-003/list", "confirmed"], ["10-01-100101-004/list", "live"]]);
  assert.equal(areaOf("10-01-100101-003/list"), "10-01");
});

test("a wait that began in the future, or ends later than any wait can, is over: the clock was put back", () => {
  assert.ok(ripe({ next_at: NOW }, NOW));
  assert.ok(!ripe({ next_at: NOW + 300_000, moved_at: NOW - 1 }, NOW));
  assert.ok(!ripe({ next_at: NOW + 5_400_000 }, NOW), "as long as the server may ask to wait");
  assert.ok(ripe({ next_at: NOW + 5 * 3_600_000 }, NOW));
  assert.ok(ripe({ next_at: NOW + 3_602_000, moved_at: NOW + 3_600_000 }, NOW));
});

test("on a shared phone everybody sees their own reports and what is carried for others", () => {
  const list = [kept({ id: "mine" }), kept({ id: "theirs", person: "q" }), kept({ id: "carried", person: "" })];
  assert.deepEqual(shownTo("p", list).map((one) => one.id), ["mine", "carried"]);
  assert.deepEqual(shownTo(undefined, list).map((one) => one.id), ["carried"]);
});
