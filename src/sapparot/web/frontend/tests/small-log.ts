// A small log for tests: written from the definitions, with a key of its own, and as wrong as a test wants it.
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { base64, base64url, concat, hex, utf8, type Bytes } from "../src/check/bytes";
import type { Given } from "../src/check/given";
import { Check, type Outcome, type Server } from "../src/check/judge";
import type { Head } from "../src/check/merkle";
import { readReceipt } from "../src/check/receipts";
import type { Finding, StepName } from "../src/check/steps";
import { Missing } from "../src/check/tiles";

export const ORIGIN = "test.example/log";
export const sha = (...parts: Uint8Array[]): Bytes => new Uint8Array(createHash("sha256").update(concat(...parts)).digest());
const leafOf = (entry: Bytes): Bytes => sha(Uint8Array.of(0), entry);

/** MTH of RFC 6962, section 2.1, word for word. */
export function mth(leaves: Bytes[]): Bytes {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return leaves[0] as Bytes;
  const k = below(leaves.length);
  return sha(Uint8Array.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

/** PATH of RFC 6962, section 2.1.1. */
export function pathOf(m: number, leaves: Bytes[]): Bytes[] {
  if (leaves.length === 1) return [];
  const k = below(leaves.length);
  return m < k
    ? [...pathOf(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...pathOf(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}

function below(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}

export class Signer {
  readonly secret: KeyObject;
  readonly raw: Bytes;

  constructor() {
    const pair = generateKeyPairSync("ed25519");
    this.secret = pair.privateKey;
    this.raw = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  }

  sign(message: Uint8Array): Bytes {
    return new Uint8Array(sign(null, message, this.secret));
  }

  get jwk(): Record<string, string> {
    return { crv: "Ed25519", kty: "OKP", x: base64url(this.raw) };
  }

  get kid(): string {
    return base64url(sha(utf8(JSON.stringify(this.jwk))));
  }

  jws(typ: string, payload: unknown): string {
    const head = base64url(utf8(JSON.stringify({ alg: "EdDSA", kid: this.kid, typ })));
    const body = base64url(utf8(JSON.stringify(payload)));
    return `${head}.${body}.${base64url(this.sign(utf8(`${head}.${body}`)))}`;
  }

  id(name: string, type: number): Bytes {
    return sha(utf8(`${name}\n`), Uint8Array.of(type), this.raw).slice(0, 4);
  }

  vkey(name: string, type = 1): string {
    return `${name}+${hex(this.id(name, type))}+${base64(concat(Uint8Array.of(type), this.raw))}`;
  }

  line(name: string, text: string): string {
    return `\u2014 ${name} ${base64(concat(this.id(name, 1), this.sign(utf8(text))))}\n`;
  }

  cosign(name: string, text: string, time: number | bigint): string {
    const stamp = new Uint8Array(8);
    new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
    const signature = this.sign(utf8(`cosignature/v1\ntime ${time}\n${text}`));
    return `\u2014 ${name} ${base64(concat(this.id(name, 4), stamp, signature))}\n`;
  }
}

export class SmallLog {
  readonly entries: Bytes[] = [];
  readonly files = new Map<string, Bytes>();
  /** What happens while somebody waits. */
  wait: () => void = () => undefined;
  readonly about = new Map<string, number[]>();

  constructor(readonly signer = new Signer()) {}

  get leaves(): Bytes[] {
    return this.entries.map(leafOf);
  }

  add(entry: Record<string, unknown>): number {
    this.entries.push(utf8(JSON.stringify(entry)));
    return this.entries.length - 1;
  }

  text(size = this.entries.length, origin = ORIGIN): string {
    return `${origin}\n${size}\n${base64(mth(this.leaves.slice(0, size)))}\n`;
  }

  note(size = this.entries.length, origin = ORIGIN): string {
    const text = this.text(size, origin);
    return `${text}\n${this.signer.line(origin, text)}`;
  }

  receipt(index: number, size = this.entries.length, note = this.note(size)): string {
    const path = pathOf(index, this.leaves.slice(0, size)).map((hash) => `${base64(hash)}\n`);
    return `c2sp.org/tlog-proof@v1\nindex ${index}\n${path.join("")}\n${note}`;
  }

  /** Writes what is served of the log as it is now. */
  publish(): this {
    this.files.set("log.vkey", utf8(`${this.signer.vkey(ORIGIN)}\n`));
    this.files.set("checkpoint", utf8(this.note()));
    for (let start = 0; start < this.entries.length; start += 256) {
      const some = this.entries.slice(start, start + 256);
      const name = String(start / 256).padStart(3, "0") + (some.length < 256 ? `.p/${some.length}` : "");
      this.files.set(`tile/0/${name}`, concat(...some.map(leafOf)));
      this.files.set(`tile/entries/${name}`, concat(...some.flatMap((one) => [Uint8Array.of(one.length >> 8, one.length & 255), one])));
    }
    const full = Math.floor(this.entries.length / 256);
    const roots = Array.from({ length: full }, (_, n) => mth(this.leaves.slice(n * 256, n * 256 + 256)));
    if (full) this.files.set(`tile/1/000.p/${full}`, concat(...roots));
    return this;
  }

  server(seen: Head | null = null): Server {
    return {
      read: async (path) => {
        const file = this.files.get(path);
        if (!file) throw new Missing(path);
        return file;
      },
      find: async (leaf) => {
        const place = this.leaves.findIndex((one) => hex(one) === leaf);
        return place < 0 ? null : place;
      },
      about: async (kid) => this.about.get(kid) ?? [],
      pause: async () => this.wait(),
      seen: () => seen,
    };
  }
}

export interface People {
  network: Signer;
  device: Signer;
  report: number;
}

/** A log in which a network, a device and its report stand, among others; the report comes third. */
export function evening(log = new SmallLog(), more = 20, said: Record<string, unknown> = {}): People {
  const [network, device] = [new Signer(), new Signer()];
  const announced = log.add({ id: "vote62", key: network.jwk, kind: "network", name: { en: "Vote 62", th: "โหวต 62" }, v: 1 });
  const span = { from: "2023-05-01T00:00:00.000000Z", until: "2023-06-30T00:00:00.000000Z" };
  const enrolment = { ...span, key: device.jwk, kid: device.kid, level: 1, network: "vote62", v: 1, ...said };
  const enrolled = log.add({ jws: network.jws("sapparot-enrolment+jwt", enrolment), kind: "enrolment", v: 1 });
  const report = log.add(reportOf(device));
  for (let n = 0; n < more; n++) log.add({ kind: "other", n, v: 1 });
  log.about.set(network.kid, [announced]);
  log.about.set(device.kid, [enrolled]);
  log.publish();
  return { network, device, report };
}

export function reportOf(device: Signer, votes = 212): Record<string, unknown> {
  const payload = { election: "x", id: "01881a5e-9f41-7000-8000-000000000001", sheet: "01-01-010111-001/list", stage: "final", v: 1, votes: { "1": votes } };
  return { at: "2023-05-14T12:02:44.000000Z", jws: device.jws("sapparot-report+jwt", payload), kind: "report", v: 1 };
}

export interface Told {
  outcome: Outcome;
  steps: Map<StepName, Finding>;
  words: string[];
}

export async function check(given: Given, server: Server, moment = new Date("2023-05-14T12:03:00Z")): Promise<Told> {
  const steps = new Map<StepName, Finding>();
  const outcome = await new Check(given, server, (name, finding) => steps.set(name, finding), moment).run();
  return { outcome, steps, words: [...steps].map(([name, { state, word }]) => `${name} ${state} ${word}`) };
}

export function held(log: SmallLog, index: number, size?: number): Given {
  return { receipt: readReceipt(log.receipt(index, size)), entry: log.entries[index] as Bytes };
}
