import assert from "node:assert/strict";
import { test } from "node:test";
import { Damaged, unbase64, unbase64url, utf8, type Bytes } from "../src/check/bytes";
import { joined, seen, take } from "../src/check/given";
import { cosignedBy, fingerprint, readCheckpoint, readKey, signedBy } from "../src/check/notes";
import { readPolicy, weigh } from "../src/check/quorum";
import { readReceipt } from "../src/check/receipts";
import { ed25519, es256, plainly } from "../src/check/signatures";
import { evening, ORIGIN, Signer, SmallLog } from "./small-log";

test("base64 has one text for each value", () => {
  for (const text of ["YQ", "YR==", "Y Q==", "YQ==\n", "_w==", "é"]) assert.throws(() => unbase64(text), Damaged);
  for (const text of ["YQ==", "YR", "a+b", "Y"]) assert.throws(() => unbase64url(text), Damaged);
  assert.deepEqual(unbase64("YQ=="), utf8("a"));
  assert.deepEqual(unbase64url("_w"), Uint8Array.of(255));
});

test("the example key of the specification verifies its note", async () => {
  const key = await readKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  const signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
  assert.equal(await ed25519(key.key, unbase64(signature).slice(4), utf8("This is an example message.\n")), true);
  assert.match(await fingerprint(key), /^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
});

test("the code that stands in for a browser without Ed25519 says the same", async () => {
  const signer = new Signer();
  const message = utf8("a message");
  const signature = signer.sign(message);
  for (const verify of [ed25519, plainly]) {
    assert.equal(await verify(signer.raw, signature, message), true);
    assert.equal(await verify(signer.raw, signature, utf8("another")), false);
    assert.equal(await verify(new Signer().raw, signature, message), false);
    assert.equal(await verify(signer.raw, signature.slice(1), message), false);
    assert.equal(await verify(new Uint8Array(32).fill(255), signature, message), false);
  }
});

test("a key of P-256 verifies, and what is no point of the curve does not", async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const signature = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, utf8("a")));
  assert.equal(await es256(jwk, signature, utf8("a")), true);
  assert.equal(await es256(jwk, signature, utf8("b")), false);
  assert.equal(await es256({ ...jwk, x: jwk.y, y: jwk.x }, signature, utf8("a")), false);
});

test("a key whose id does not follow from it is refused", async () => {
  const key = new Signer().vkey("a");
  for (const wrong of [key.replace("a+", "b+"), key.replace(/\+[0-9a-f]{8}/, "+00000000"), `${key}AA`, "a", key.replace("a+", "a b+")]) {
    await assert.rejects(readKey(wrong), Damaged);
  }
});

test("a checkpoint is signed by the key of its origin alone", async () => {
  const log = new SmallLog();
  evening(log);
  const key = await readKey(log.signer.vkey(ORIGIN));
  assert.equal(await signedBy(readCheckpoint(log.note()), key), "holds");
  assert.equal(await signedBy(readCheckpoint(log.note(5, "other.example")), key), "none");
  assert.equal(await signedBy(readCheckpoint(log.note(5)), await readKey(new Signer().vkey(ORIGIN))), "none");
  const moved = log.note(5).replace("\n5\n", "\n6\n");
  assert.equal(await signedBy(readCheckpoint(moved), key), "false");
});

test("notes that are not written as they must be are refused", () => {
  const log = new SmallLog();
  evening(log);
  const good = log.note();
  const wrong = [
    good.trimEnd(),
    good.replace("\n23\n", "\n023\n"),
    good.replace("\n23\n", "\n-1\n"),
    good.replace("\n23\n", "\n99999999999999999999\n"),
    good.replace(/=\n\n/, "\n\n"),
    good.replace("\u2014", "-"),
    good.replace("\n\n", "\n"),
    good.replace(ORIGIN, "a\tb"),
    `${good}${good.split("\n\n")[1]?.repeat(101)}`,
  ];
  for (const note of wrong) assert.throws(() => readCheckpoint(note), Damaged, note);
});

test("a receipt is read as the specification writes it, and nothing else is", () => {
  const log = new SmallLog();
  evening(log);
  const text = log.receipt(2);
  assert.equal(readReceipt(text).index, 2);
  assert.deepEqual(readReceipt(text.replace("index", "extra YQ==\nindex")).extra, utf8("a"));
  const wrong = [
    text.replace("@v1", "@v2"),
    text.replace("index 2", "index 02"),
    text.replace("index 2\n", ""),
    text.replace(/=\n/, "\n"),
    text.replace(/index 2\n.{8}/, "index 2\n"),
    text.replace("index", "extra !\nindex"),
    text.split("\n\n")[0] ?? "",
    "",
  ];
  for (const one of wrong) assert.throws(() => readReceipt(one), Damaged, one);
});

test("a quorum of cosigners is counted as its policy says", async () => {
  const log = new SmallLog();
  evening(log);
  const [one, two, three] = [new Signer(), new Signer(), new Signer()];
  const policy = await readPolicy(
    `# who\nlog ${log.signer.vkey(ORIGIN)}\nwitness A ${one.vkey("a", 4)}\nwitness B ${two.vkey("b", 4)} https://b.example\n` +
      `witness C ${three.vkey("c", 4)}\ngroup BC any B C\ngroup ALL all A BC\nquorum ALL\n`,
  );
  const text = log.text();
  const a = one.cosign("a", text, 1_700_000_000);
  const c = three.cosign("c", text, 1_700_000_001);
  assert.equal((await weigh(readCheckpoint(log.note() + a + c), policy)).reached, true);
  assert.equal((await weigh(readCheckpoint(log.note() + a), policy)).reached, false);
  assert.equal((await weigh(readCheckpoint(log.note() + c + c), policy)).reached, false);
  const forged = await weigh(readCheckpoint(log.note() + a + three.cosign("c", log.text(5), 1)), policy);
  assert.deepEqual([forged.reached, forged.broken], [false, ["C"]]);
  const stranger = await weigh(readCheckpoint(log.note() + a + new Signer().cosign("c", text, 1)), policy);
  assert.deepEqual([stranger.reached, stranger.broken], [false, []]);
  const cosigned = await cosignedBy(readCheckpoint(log.note() + a), await readKey(one.vkey("a", 4)));
  assert.deepEqual(cosigned, { signed: "holds", time: 1_700_000_000 });
});

test("a policy of any depth is weighed", async () => {
  const signer = new Signer();
  const groups = Array.from({ length: 15_000 }, (_, n) => `group ${n} all ${n ? n - 1 : "A"}`);
  const policy = await readPolicy(`witness A ${signer.vkey("a", 4)}\n${groups.join("\n")}\nquorum ${groups.length - 1}\n`);
  const log = new SmallLog();
  evening(log);
  assert.equal((await weigh(readCheckpoint(log.note() + signer.cosign("a", log.text(), 1)), policy)).reached, true);
  assert.equal((await weigh(readCheckpoint(log.note()), policy)).reached, false);
});

test("lines of strangers are read as others write them, up to sixteen of the largest kind and a hundred", async () => {
  const log = new SmallLog();
  evening(log);
  const line = (name: string, bytes: number): string => `\u2014 ${name} ${Buffer.alloc(bytes, 7).toString("base64")}\n`;
  assert.equal(readCheckpoint(log.note() + line("a.example", 4631).repeat(16)).signatures.length, 17);
  assert.equal(readCheckpoint(log.note() + line("a.example", 76).repeat(99)).signatures.length, 100);
  assert.throws(() => readCheckpoint(log.note() + line("a.example", 76).repeat(100)), Damaged);
  assert.throws(() => readCheckpoint(log.note() + line("a.example", 9000).repeat(16)), Damaged);
  const stray = line("a.example", 76).replace(/.==\n$/, "x==\n");
  assert.equal(readCheckpoint(log.note() + stray).signatures.length, 2);
  assert.equal(readCheckpoint(log.note() + line("a\ufeffb", 76)).signatures.length, 2);
  for (const wrong of [line("a\u0085b", 76), line("a\u00a0b", 76), line("a", 76).replace("==", "="), line("a", 76).replace("==", "")]) {
    assert.throws(() => readCheckpoint(log.note() + wrong), Damaged, wrong);
  }
});

test("policies that contradict themselves are refused", async () => {
  const [a, b] = [`witness A ${new Signer().vkey("a", 4)}`, `witness B ${new Signer().vkey("b", 4)}`];
  const wrong = [
    "", a, "quorum A", `${a}\nquorum A\nquorum A`, `${a}\n${a}\nquorum A`, `${a}\n${a.replace("A", "C")}\nquorum A`,
    `${a}\ngroup G 2 A\nquorum G`, `${a}\ngroup G 0 A\nquorum G`, `${a}\ngroup G 1 A A\nquorum G`, `${a}\ngroup G any\nquorum G`,
    `${a}\n${b}\ngroup G any A\ngroup H any A B\nquorum H`, `${a}\nwhat A\nquorum A`, a.replace("A", "none"), `group G any A\n${a}\nquorum G`,
  ];
  const typed = [
    `witness A ${new Signer().vkey("a", 1)}\nquorum A`, `log ${new Signer().vkey("a", 4)}\nquorum none`, `${a} https://a b\nquorum A`,
    `log ${new Signer().vkey("a")} https://a b\nquorum none`, `${a}\u00a0\nquorum A`, `${a}\r\nquorum A`, "# \u0001\nquorum none",
  ];
  for (const text of [...wrong, ...typed]) await assert.rejects(readPolicy(text), Damaged, text);
  assert.equal((await readPolicy("quorum none")).quorum, "none");
});

test("what is brought is told apart by what it is", async () => {
  const log = new SmallLog();
  const { report } = evening(log);
  const entry = log.entries[report] as Bytes;
  const receipt = log.receipt(report);
  const link = `https://x.example/check#receipt=${Buffer.from(receipt).toString("base64url")}`;
  assert.equal((await take({}, utf8(receipt))).receipt?.index, report);
  assert.equal((await take({}, utf8(receipt.trim().replace(/\n/g, "\r\n")))).receipt?.index, report);
  assert.equal((await take({}, utf8(link))).receipt?.index, report);
  for (const trusted of [log.signer.vkey(ORIGIN), "quorum none\n", JSON.stringify({ kind: "report" })]) {
    const sent = utf8(`https://x.example/check#receipt=${Buffer.from(trusted).toString("base64url")}`);
    await assert.rejects(take({}, sent), Damaged, "a link that would bring more than a receipt");
  }
  assert.equal((await seen({}, link)).receipt?.index, report);
  for (const trusted of [log.signer.vkey(ORIGIN), "quorum none\n"]) await assert.rejects(seen({}, trusted), Damaged, "a code that would choose whom one trusts");
  assert.equal((await take({}, utf8("https://x.example/check#entry=12"))).index, 12);
  assert.equal((await take({}, utf8(" #88,127 "))).index, 88_127);
  assert.deepEqual((await take({}, new Uint8Array([...entry, 10]))).entry, entry);
  assert.equal((await take({}, utf8(log.signer.vkey(ORIGIN)))).key?.name, ORIGIN);
  assert.equal((await take({}, utf8("# p\nquorum none\n"))).policy?.quorum, "none");
  const both = await take(await take({}, utf8(receipt)), entry);
  assert.ok(both.receipt && both.entry);
  for (const junk of ["", "hello", "{}", "[1]", "{", "0".repeat(300_001), "\u0000"]) await assert.rejects(take({}, utf8(junk)), Damaged);
  await assert.rejects(take({}, Uint8Array.of(0x89, 0x50, 0xff)), Damaged);
});

test("what is brought later is never held against what belongs to something else", async () => {
  const log = new SmallLog();
  const { report } = evening(log);
  const entry = { entry: log.entries[report] as Bytes };
  const bare = { receipt: readReceipt(log.receipt(report)) };
  const whole = { receipt: readReceipt(log.receipt(5).replace("index", "extra YQ==\nindex")) };
  const key = { key: await readKey(log.signer.vkey(ORIGIN)) };
  assert.deepEqual(joined({ ...entry, ...key }, bare, false), { ...entry, ...bare, ...key });
  assert.deepEqual(joined({ ...entry, ...key }, bare, true), { ...bare, ...key });
  assert.deepEqual(joined({ ...entry, ...key }, whole, false), { ...whole, ...key });
  assert.deepEqual(joined({ report: "a.b.c", ...key }, whole, false), { report: "a.b.c", ...whole, ...key }, "it was brought for this receipt");
  assert.deepEqual(joined({ report: "a.b.c", ...key }, { ...whole, report: "d.e.f" }, false), { report: "d.e.f", ...whole, ...key });
  const promise = { jws: "", report: "", receivedAt: "", seconds: 60, log: ORIGIN, index: 0, path: [] };
  assert.deepEqual(joined({ report: "a.b.c", promise }, whole, false), whole, "these two were checked together");
  assert.deepEqual(joined({ ...entry, ...bare }, { index: 4 }, false), { index: 4 });
  assert.deepEqual(joined({ index: 4 }, entry, false), entry);
  const times = utf8(JSON.stringify({ jws: log.signer.jws("sapparot-promise+jwt", { received_at: "soon", max_delay: 60 }) }));
  await assert.rejects(take({}, times), Damaged);
});
