import assert from "node:assert/strict";
import { test } from "node:test";
import { hex, utf8, type Bytes } from "../src/check/bytes";
import { take, type Given } from "../src/check/given";
import { readKey } from "../src/check/notes";
import { readPolicy } from "../src/check/quorum";
import { readReceipt } from "../src/check/receipts";
import { Away } from "../src/check/steps";
import { check, evening, held, mth, ORIGIN, reportOf, sha, Signer, SmallLog } from "./small-log";

function night(): { log: SmallLog } & ReturnType<typeof evening> {
  const log = new SmallLog();
  return { log, ...evening(log) };
}

test("a receipt with its entry holds in every step", async () => {
  const { log, report } = night();
  const { outcome, words } = await check(held(log, report, 9), log.server());
  assert.deepEqual(words, [
    "entry holds entry.yours",
    "path holds path.holds",
    "log holds log.holds",
    "cosigners unknown cosigners.none",
    "newest holds newest.grown",
    "author holds author.holds",
  ]);
  assert.equal(outcome.verdict, "alone");
  assert.equal(outcome.author?.network, "vote62");
});

test("a report that came as a text message is said to be signed by the gateway", async () => {
  const log = new SmallLog();
  const { report } = evening(log, 20, { channel: "text" });
  const { words } = await check(held(log, report, 9), log.server());
  assert.equal(words.at(-1), "author holds author.gateway");
});

test("a place in the log is checked with what the server serves", async () => {
  const { log, report } = night();
  const { outcome, steps } = await check({ index: report }, log.server());
  assert.equal(outcome.verdict, "alone");
  assert.equal(steps.get("entry")?.word, "entry.fetched");
  assert.equal(steps.get("newest")?.word, "newest.same");
});

test("an entry that no device signs needs no author", async () => {
  const { log } = night();
  const { outcome, steps } = await check({ index: 9 }, log.server());
  assert.equal(steps.get("author")?.state, "none");
  assert.equal(outcome.verdict, "alone");
});

test("the newest state with quorum is taken when it covers the entry", async () => {
  const { log, report } = night();
  const cosigner = new Signer();
  log.files.set("policy", utf8(`witness A ${cosigner.vkey("a", 4)}\nquorum A\n`));
  log.files.set("cosigned", utf8(log.note() + cosigner.cosign("a", log.text(), 1_700_000_000)));
  log.add({ kind: "later", v: 1 });
  log.publish();
  const covered = await check({ index: report }, log.server());
  assert.deepEqual([covered.outcome.verdict, covered.steps.get("newest")?.word], ["holds", "newest.grown"]);
  assert.equal((await check({ index: log.entries.length - 1 }, log.server())).steps.get("cosigners")?.word, "cosigners.few");
  const forged = new SmallLog();
  evening(forged);
  log.files.set("cosigned", utf8(forged.note()));
  assert.equal((await check({ index: report }, log.server())).steps.get("log")?.word, "log.holds", "a forged one is passed over");
});

test("only cosignatures that were verified are counted: lines of anybody count for nothing", async () => {
  const { log, report } = night();
  const [one, two, stranger] = [new Signer(), new Signer(), new Signer()];
  const policy = `witness A ${one.vkey("a", 4)}\nwitness B ${two.vkey("b", 4)}\ngroup both all A B\nquorum both\n`;
  const lines = [one.cosign("a", log.text(), 1_700_000_000), stranger.cosign("x", log.text(), 1_700_000_000), stranger.cosign("y", log.text(), 1_700_000_000)];
  const given = (more: string[]): Given => ({ receipt: readReceipt(log.receipt(report) + more.join("")), entry: log.entries[report] as Bytes });
  assert.equal((await check(given(lines), log.server())).outcome.cosigned, null, "nobody is asked");
  log.files.set("policy", utf8(policy));
  const few = (await check(given(lines), log.server())).outcome;
  assert.deepEqual([few.verdict, few.cosigned], ["alone", { count: 1, all: 2 }]);
  const enough = (await check(given([...lines, two.cosign("b", log.text(), 1_700_000_000)]), log.server())).outcome;
  assert.deepEqual([enough.verdict, enough.cosigned], ["holds", { count: 2, all: 2 }]);
});

test("an entry alone is found by its hash, and one that is not there is not", async () => {
  const { log, report } = night();
  assert.equal((await check({ entry: log.entries[report] as Bytes }, log.server())).outcome.index, report);
  const other = await check({ entry: utf8('{"kind":"report"}') }, log.server());
  assert.equal(other.outcome.verdict, "nothing");
});

test("a changed entry does not hold", async () => {
  const { log, report, device } = night();
  const entry = utf8(JSON.stringify(reportOf(device, 213)));
  const { outcome, steps } = await check({ ...held(log, report), entry }, log.server());
  assert.equal(outcome.verdict, "false");
  assert.equal(steps.get("path")?.word, "path.false");
});

test("the receipt of another entry does not hold", async () => {
  const { log, report } = night();
  const { outcome } = await check({ receipt: readReceipt(log.receipt(report + 1)), entry: log.entries[report] as Bytes }, log.server());
  assert.equal(outcome.verdict, "false");
});

test("a receipt of somebody else's report does not pass for one's own", async () => {
  const { log, report, device } = night();
  const whole = log.receipt(report).replace("index", `extra ${Buffer.from(log.entries[report] as Bytes).toString("base64")}\nindex`);
  const receipt = readReceipt(whole);
  const own = String(reportOf(device, 212)["jws"]);
  assert.equal((await check({ receipt, report: own }, log.server())).outcome.verdict, "alone");
  const { outcome, steps } = await check({ receipt, report: String(reportOf(device, 213)["jws"]) }, log.server());
  assert.equal(steps.get("entry")?.word, "entry.other");
  assert.equal(outcome.verdict, "false");
});

test("a receipt of another log is called that, and nothing is said against the log", async () => {
  const { log, report } = night();
  const note = log.note(9, "other.example/log");
  const { outcome, steps } = await check({ ...held(log, report), receipt: readReceipt(log.receipt(report, 9, note)) }, log.server());
  assert.equal(outcome.verdict, "false");
  assert.equal(steps.get("log")?.word, "log.other");
  assert.equal(steps.get("newest")?.word, "newest.unproved");
});

test("a forged signature does not hold", async () => {
  const { log, report } = night();
  const stranger = new SmallLog();
  stranger.entries.push(...log.entries);
  const receipt = readReceipt(stranger.receipt(report, 9));
  const { steps } = await check({ ...held(log, report), receipt }, log.server());
  assert.equal(steps.get("log")?.word, "log.none");
  assert.equal(steps.get("newest")?.word, "newest.unproved");
});

test("two histories of the same size under the right key are a fork", async () => {
  const { log, report } = night();
  const fork = new SmallLog(log.signer);
  fork.entries.push(...log.entries.slice(0, -1));
  fork.add({ kind: "other", n: 99, v: 1 });
  const { outcome, steps } = await check(held(fork, report), log.server());
  assert.equal(steps.get("log")?.word, "log.holds");
  assert.equal(steps.get("newest")?.word, "newest.fork");
  assert.equal(outcome.verdict, "false");
  assert.equal(outcome.newest, null, "a fork is not remembered as what was seen");
});

test("a log that was rewritten or cut off since the receipt is found", async () => {
  const { log, report } = night();
  const old = new SmallLog(log.signer);
  old.entries.push(...log.entries.slice(0, 9));
  old.entries[4] = utf8('{"kind":"gone"}');
  assert.equal((await check(held(old, report), log.server())).steps.get("newest")?.word, "newest.rewritten");
  const longer = new SmallLog(log.signer);
  longer.entries.push(...log.entries, utf8('{"kind":"more"}'));
  assert.equal((await check(held(longer, report), log.server())).steps.get("newest")?.word, "newest.shrunk");
});

test("a cache that is some seconds behind is no log that became shorter", async () => {
  const { log, report } = night();
  log.add({ kind: "new", v: 1 });
  const given = held(log, report);
  log.wait = () => void log.publish();
  assert.equal((await check(given, log.server())).steps.get("newest")?.word, "newest.same");
});

test("of the logs in a policy the one of the receipt is meant", async () => {
  const { log, report } = night();
  const policy = await readPolicy(`log ${new Signer().vkey("other.example")}\nlog ${log.signer.vkey(ORIGIN)}\nquorum none\n`);
  const { outcome, steps } = await check({ ...held(log, report), policy }, log.server());
  assert.equal(steps.get("log")?.word, "log.holds");
  assert.equal(outcome.verdict, "alone");
});

test("what this browser saw before must still be in the log", async () => {
  const { log, report } = night();
  const seen = { size: 9, root: mth(log.leaves.slice(0, 9)) };
  const { outcome, steps } = await check({ index: report }, log.server(seen));
  assert.equal(steps.get("newest")?.word, "newest.same.seen");
  assert.equal(outcome.newest?.size, log.entries.length);
  const other = { size: 9, root: mth(log.leaves.slice(1, 10)) };
  assert.equal((await check({ index: report }, log.server(other))).outcome.verdict, "false");
});

test("a newest checkpoint that the key did not sign is not believed", async () => {
  const { log, report } = night();
  log.files.set("checkpoint", utf8(new SmallLog().note(0)));
  const { outcome, steps } = await check(held(log, report, 9), log.server());
  assert.equal(steps.get("newest")?.word, "newest.unsigned");
  assert.equal(outcome.verdict, "false");
});

test("without a network a receipt is judged as far as it goes", async () => {
  const { log, report } = night();
  const server = { ...log.server(), read: async () => Promise.reject(new Away()) };
  const { outcome, steps } = await check({ ...held(log, report), key: await readKey(log.signer.vkey(ORIGIN)) }, server);
  assert.deepEqual(["entry", "path", "log"].map((step) => steps.get(step as "entry")?.state), ["holds", "holds", "holds"]);
  assert.equal(steps.get("newest")?.word, "away");
  assert.equal(outcome.verdict, "unknown");
  assert.equal((await check(held(log, report), server)).outcome.verdict, "unknown");
});

test("a damaged tile is never taken for a proof", async () => {
  const { log, report } = night();
  for (const [name, file] of log.files) if (name.startsWith("tile/0/")) log.files.set(name, file.map((byte) => byte ^ 1));
  assert.equal((await check({ index: report }, log.server())).outcome.verdict, "false");
});

test("cosigners make the difference between one witness and many", async () => {
  const { log, report } = night();
  const cosigner = new Signer();
  const policy = await readPolicy(`witness A ${cosigner.vkey("a", 4)}\nquorum A\n`);
  const given = held(log, report, 9);
  assert.equal((await check({ ...given, policy }, log.server())).steps.get("cosigners")?.word, "cosigners.few");
  const note = log.note(9) + cosigner.cosign("a", log.text(9), 1_700_000_000);
  const cosigned = { ...given, policy, receipt: readReceipt(log.receipt(report, 9, note)) };
  assert.equal((await check(cosigned, log.server())).outcome.verdict, "holds");
  const far = log.note(9) + cosigner.cosign("a", log.text(9), BigInt(2) ** BigInt(62));
  const distant = await check({ ...cosigned, receipt: readReceipt(log.receipt(report, 9, far)) }, log.server());
  assert.equal(distant.outcome.verdict, "holds", "a time beyond all calendars breaks nothing");
  log.files.set("policy", utf8(`witness A ${cosigner.vkey("a", 4)}\nquorum A\n`));
  assert.equal((await check({ ...cosigned, policy: undefined }, log.server())).outcome.verdict, "holds");
});

test("where a policy asks for no cosigner, none stands behind an entry, whoever is named", async () => {
  const { log, report } = night();
  const [cosigner, forger] = [new Signer(), new Signer()];
  const said = `witness A ${cosigner.vkey("a", 4)}\nquorum none\n`;
  log.files.set("policy", utf8(said));
  const bare = await check({ index: report }, log.server());
  assert.deepEqual([bare.outcome.verdict, bare.steps.get("cosigners")?.word], ["alone", "cosigners.unasked"]);
  const policy = await readPolicy(said);
  const signed = (by: string): Given => ({ ...held(log, report), policy, receipt: readReceipt(log.receipt(report) + by) });
  const one = await check(signed(cosigner.cosign("a", log.text(), 1_700_000_000)), log.server());
  assert.deepEqual([one.outcome.verdict, one.outcome.cosigned], ["alone", { count: 1, all: 1 }]);
  const forged = cosigner.cosign("a", log.text(), 1_700_000_000).slice(0, -8) + "AAAAAA==\n".slice(-8);
  assert.equal((await check(signed(forged), log.server())).steps.get("cosigners")?.word, "cosigners.false");
  assert.equal((await check(signed(forger.cosign("a", log.text(), 1_700_000_000)), log.server())).outcome.verdict, "alone");
});

test("a policy may name several keys of one log: any of them signs, and none of them falsely", async () => {
  const { log, report } = night();
  const [old, other] = [new Signer(), new SmallLog()];
  const policy = await readPolicy(`log ${old.vkey(ORIGIN)}\nlog ${log.signer.vkey(ORIGIN)}\nquorum none\n`);
  const { outcome, steps } = await check({ ...held(log, report, 9), policy }, log.server());
  assert.deepEqual([steps.get("log")?.word, steps.get("newest")?.word, outcome.verdict], ["log.holds", "newest.grown", "alone"]);
  assert.equal(outcome.key?.name, ORIGIN);
  assert.deepEqual(outcome.key?.key, log.signer.raw, "the key that signed is shown");
  const two = log.note(9) + old.line(ORIGIN, log.text(9));
  assert.equal((await check({ ...held(log, report), policy, receipt: readReceipt(log.receipt(report, 9, two)) }, log.server())).outcome.verdict, "alone");
  const spoiled = log.note(9) + old.line(ORIGIN, log.text(8));
  assert.equal((await check({ ...held(log, report), policy, receipt: readReceipt(log.receipt(report, 9, spoiled)) }, log.server())).steps.get("log")?.word, "log.false");
  other.entries.push(...log.entries);
  assert.equal((await check({ ...held(log, report), policy, receipt: readReceipt(other.receipt(report, 9)) }, log.server())).steps.get("log")?.word, "log.none");
});

test("a report that its device did not sign, or that nobody enrolled, does not pass", async () => {
  const log = new SmallLog();
  const { device, network } = evening(log);
  const stranger = new Signer();
  const unknown = log.add(reportOf(stranger));
  const forged = reportOf(device);
  const forgery = log.add({ ...forged, jws: `${String(forged["jws"]).slice(0, -8)}AAAAAAAA` });
  const late = log.add({ ...reportOf(device), at: "2024-01-01T00:00:00.000000Z" });
  log.publish();
  const words = async (index: number): Promise<string | undefined> =>
    (await check({ index }, log.server())).steps.get("author")?.word;
  assert.equal(await words(unknown), "author.unfound");
  assert.equal(await words(forgery), "author.signature");
  assert.equal(await words(late), "author.outdated");
  log.about.set(network.kid, []);
  assert.equal(await words(2), "author.unfound");
});

test("an enrolment that the network did not sign does not count", async () => {
  const log = new SmallLog();
  const { network } = evening(log);
  const device = new Signer();
  const payload = { from: "2023", key: device.jwk, kid: device.kid, level: 1, network: "vote62", until: "2024", v: 1 };
  const jws = network.jws("sapparot-enrolment+jwt", payload);
  const enrolled = log.add({ jws: `${jws.slice(0, -8)}AAAAAAAA`, kind: "enrolment", v: 1 });
  const index = log.add(reportOf(device));
  log.about.set(device.kid, [enrolled]);
  log.publish();
  assert.equal((await check({ index }, log.server())).steps.get("author")?.word, "author.enrolment");
});

test("a promise tells until when to wait, and leads to the entry once it stands", async () => {
  const { log, report, device } = night();
  log.about.set(PROMISER.kid, [log.add({ key: PROMISER.jwk, kind: "promise_key", log: ORIGIN, v: 1 })]);
  log.publish();
  const promised = async (votes: number): Promise<Given> => {
    const letter = letterOf(device, votes);
    return take(await take({}, utf8(JSON.stringify({ outcome: "accepted", promise: promiseOf(letter) }))), utf8(letter));
  };
  assert.equal((await check(await promised(212), log.server())).outcome.index, report);
  const early = await check(await promised(500), log.server());
  assert.equal(early.outcome.verdict, "early");
  assert.equal(early.outcome.due?.toISOString(), "2023-05-14T12:03:44.000Z");
  assert.equal((await check(await promised(500), log.server(), new Date("2023-05-14T12:04:00Z"))).outcome.verdict, "late");
});

test("a promise that nobody gave, or that is about another report, accuses nobody", async () => {
  const { log, device } = night();
  const [mine, other] = [letterOf(device, 500), letterOf(device, 501)];
  const overdue = new Date("2023-05-14T12:04:00Z");
  const judged = async (given: unknown, letter: string): Promise<string | undefined> => {
    const brought = await take(await take({}, utf8(JSON.stringify(given))), utf8(letter));
    const { outcome, steps } = await check(brought, log.server(), overdue);
    assert.equal(outcome.verdict === "false", steps.get("entry")?.word === "entry.unpromised");
    return outcome.verdict;
  };
  const at = log.add({ key: PROMISER.jwk, kind: "promise_key", log: ORIGIN, v: 1 });
  log.publish();
  log.about.set(PROMISER.kid, [at]);
  assert.equal(await judged(promiseOf(mine), mine), "late");
  assert.equal(await judged(promiseOf(mine), other), "false");
  const genuine = promiseOf(mine);
  assert.equal(await judged({ ...genuine, jws: `${genuine.jws.slice(0, -8)}AAAAAAAA` }, mine), "false");
  for (const wrong of [{ index: 1 }, { path: ["0".repeat(62)] }]) assert.equal(await judged({ ...genuine, ...wrong }, mine), "false");
  for (const wrong of [{ path: undefined }, { index: "0" }, { path: ["x"] }]) {
    await assert.rejects(take({}, utf8(JSON.stringify({ ...genuine, ...wrong }))), /promise without|hexadecimal/);
  }
});

test("a promise is only called broken when its key was found, its report is there, and it is about this log", async () => {
  const { log, device } = night();
  const letter = letterOf(device, 500);
  const overdue = new Date("2023-05-14T12:04:00Z");
  const bring = async (promise: object, ...more: string[]): Promise<Given> => {
    let given = await take({}, utf8(JSON.stringify(promise)));
    for (const one of more) given = await take(given, utf8(one));
    return given;
  };
  const unknown = await check(await bring(promiseOf(letter), letter), log.server(), overdue);
  assert.deepEqual([unknown.outcome.verdict, unknown.steps.get("entry")?.word], ["unknown", "entry.unbound"], "anybody can sign a promise with some key");
  const alone = await check(await bring(promiseOf(letter)), log.server(), overdue);
  assert.deepEqual([alone.outcome.verdict, alone.steps.get("entry")?.word], ["unknown", "entry.unsent"]);
  log.about.set(PROMISER.kid, [log.add({ key: PROMISER.jwk, kind: "promise_key", log: ORIGIN, v: 1 }), log.add({ key: PROMISER.jwk, kind: "promise_key", log: "other.example", v: 1 })]);
  log.publish();
  assert.equal((await check(await bring(promiseOf(letter), letter), log.server(), overdue)).outcome.verdict, "late");
  assert.equal((await check(await bring(promiseOf(letter, "other.example"), letter), log.server(), overdue)).outcome.verdict, "false");
  await assert.rejects(bring(promiseOf(letter, ORIGIN, 1e300)), /without a time/);
});

test("a promise binds only for a report of a device that was enrolled at that time and not revoked, as the command has it", async () => {
  const overdue = new Date("2023-05-14T12:04:00Z");
  const judged = async (said: Record<string, unknown>, change: (log: SmallLog, people: ReturnType<typeof evening>) => void, moment = overdue): Promise<unknown[]> => {
    const log = new SmallLog();
    const people = evening(log, 20, said);
    log.about.set(PROMISER.kid, [log.add({ key: PROMISER.jwk, kind: "promise_key", log: ORIGIN, v: 1 })]);
    change(log, people);
    log.publish();
    const letter = letterOf(people.device, 500);
    const given = await take(await take({}, utf8(JSON.stringify(promiseOf(letter)))), utf8(letter));
    const { outcome, steps } = await check(given, log.server(), moment);
    return [outcome.verdict, steps.get("entry")?.word];
  };
  const revoked = (at: string) => (log: SmallLog, { network, device }: ReturnType<typeof evening>): void => {
    const added = log.add({ jws: network.jws("sapparot-revocation+jwt", { at, kid: device.kid, network: "vote62", v: 1 }), kind: "revocation", v: 1 });
    log.about.set(device.kid, [...(log.about.get(device.kid) ?? []), added]);
  };
  const nothing = (): void => undefined;
  assert.deepEqual(await judged({}, nothing), ["late", "entry.late"]);
  assert.deepEqual(await judged({}, revoked("2023-05-14T12:02:45.000000Z")), ["late", "entry.late"], "it was revoked afterwards");
  assert.deepEqual(await judged({}, revoked("2023-05-14T12:02:44.000000Z")), ["false", "entry.void"]);
  assert.deepEqual(await judged({ from: "2023-05-14T12:02:45.000000Z" }, nothing), ["unknown", "entry.unenrolled"]);
  assert.deepEqual(await judged({ until: "2023-05-14T12:02:44.000000Z" }, nothing), ["unknown", "entry.unenrolled"]);
  assert.deepEqual(await judged({}, (log, { device }) => log.about.delete(device.kid)), ["unknown", "entry.unenrolled"]);
  const soon = new Date("2023-05-14T12:03:00Z");
  assert.deepEqual(await judged({}, (log, { device }) => log.about.delete(device.kid), soon), ["early", "entry.early"], "its enrolment may be under way");
  assert.deepEqual(await judged({}, revoked("2023-05-14T12:00:00.000000Z"), soon), ["false", "entry.void"]);
});

test("a report that its device did not sign is promised nothing", async () => {
  const { log, device } = night();
  log.about.set(PROMISER.kid, [log.add({ key: PROMISER.jwk, kind: "promise_key", log: ORIGIN, v: 1 })]);
  log.publish();
  const [head, body, mark] = letterOf(device, 500).split(".");
  const other = Buffer.from(JSON.stringify({ alg: "EdDSA", kid: device.kid, typ: "sapparot-reading+jwt" })).toString("base64url");
  for (const letter of [`${head}.${body}.${"A".repeat(86)}`, `${other}.${body}.${mark}`]) {
    const given = await take(await take({}, utf8(JSON.stringify(promiseOf(letter)))), utf8(letter));
    const { outcome, steps } = await check(given, log.server(), new Date("2023-05-14T12:04:00Z"));
    assert.deepEqual([outcome.verdict, steps.get("entry")?.word], ["false", "entry.void"]);
  }
});

test("the name of another log is no place for sentences", async () => {
  const { log, report } = night();
  const theirs = async (origin: string): Promise<unknown> => {
    const text = log.text(9, origin);
    const receipt = readReceipt(log.receipt(report, 9, `${text}\n${log.signer.line("x", text)}`));
    return (await check({ ...held(log, report), receipt }, log.server())).steps.get("log")?.values["theirs"];
  };
  assert.equal(await theirs("other.example/log"), "other.example/log");
  for (const origin of ["the count was stopped", "other.example/\u202egol", "a".repeat(81)]) assert.equal(await theirs(origin), "?");
});

const PROMISER = new Signer();

function letterOf(device: Signer, votes: number): string {
  return String(reportOf(device, votes)["jws"]);
}

/** The promise for a report that came alone: its leaf is the root. */
function promiseOf(letter: string, about = ORIGIN, seconds = 60): { index: number; jws: string; path: string[] } {
  const id = Buffer.from(JSON.parse(Buffer.from(letter.split(".")[1] ?? "", "base64url").toString()).id.replaceAll("-", ""), "hex");
  const root = hex(sha(Uint8Array.of(0), new Uint8Array(id), sha(utf8(letter))));
  const payload = { log: about, max_delay: seconds, received_at: "2023-05-14T12:02:44.000000Z", root, size: 1, v: 1 };
  return { index: 0, jws: PROMISER.jws("sapparot-promise+jwt", payload), path: [] };
}
