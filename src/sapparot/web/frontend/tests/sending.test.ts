import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOf, emptyVotes, figuresOf, fromCount, fromReport, unreadable, zeroed } from "../src/count/form";
import type { SheetKit } from "../src/count/kit";
import { evidenceOf, NOT_BEGUN, type PhotographKept } from "../src/count/photos";
import { CAST, corrected, NOTHING, SPOILED, tapped } from "../src/count/tally";
import { PIECE, upload, type Job, type Sent } from "../src/count/tus";
import { settled } from "../src/count/uploads";

/** A server of tus that lives in memory, with faults on demand: called before each request is answered. */
class Server {
  readonly asked: string[] = [];
  received = 0;
  there = false;
  fault: (method: string) => Response | "cut" | "answer lost" | null = () => null;

  readonly ask = async (address: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    const method = headers.get("x-http-method-override") ?? init.method ?? "GET";
    this.asked.push(`${init.method} ${address}`);
    assert.equal(headers.get("tus-resumable"), "1.0.0");
    assert.equal(headers.get("authorization"), "Bearer t");
    const fault = this.fault(method);
    if (fault === "cut") throw new TypeError("network");
    if (fault instanceof Response) return fault;
    const answer = await this.answer(method, headers, init);
    if (fault === "answer lost") throw new TypeError("network");
    return answer;
  };

  private async answer(method: string, headers: Headers, init: RequestInit): Promise<Response> {
    if (method === "POST") {
      this.there = true;
      this.received = 0;
      return said(201, { location: "/v1/uploads/u", "upload-offset": "0" });
    }
    if (!this.there) return said(404);
    if (method === "HEAD") return said(200, { "upload-offset": String(this.received) });
    if (headers.get("upload-offset") !== String(this.received)) return said(409);
    this.received += (await new Response(init.body).arrayBuffer()).byteLength;
    return said(204, { "upload-offset": String(this.received) });
  }
}

function said(status: number, headers: Record<string, string> = {}, body?: string): Response {
  return new Response(status === 204 ? null : (body ?? null), { status, headers });
}

const SIZE = 3 * PIECE + 17;

function job(moves: [string, number][] = [], address: string | null = null): Job {
  return {
    bytes: new Blob([new Uint8Array(SIZE)]),
    sha256: "ab".repeat(32),
    token: "t",
    address,
    signal: new AbortController().signal,
    moved: async (where, offset) => void moves.push([where, offset]),
  };
}

test("a file goes up piece by piece, and each piece is remembered", async () => {
  const server = new Server();
  const moves: [string, number][] = [];
  assert.deepEqual(await upload(job(moves), server.ask), { outcome: "done" });
  assert.equal(server.received, SIZE);
  assert.deepEqual(moves.map(([, offset]) => offset), [0, PIECE, 2 * PIECE, 3 * PIECE, SIZE]);
});

test("wherever the network goes, the file arrives whole and nothing is sent twice but one piece", async () => {
  for (let cut = 0; cut < 6; cut++) {
    for (const kind of ["cut", "answer lost"] as const) {
      const server = new Server();
      let requests = 0;
      server.fault = () => (requests++ === cut ? kind : null);
      const moves: [string, number][] = [];
      let sent: Sent = { outcome: "wait", seconds: 0 };
      let address: string | null = null;
      for (let tries = 0; sent.outcome !== "done"; tries++) {
        assert.ok(tries < 3, `cut at ${cut}`);
        sent = await upload(job(moves, address), server.ask);
        address = moves[moves.length - 1]?.[0] || null;
      }
      assert.equal(server.received, SIZE);
    }
  }
});

test("a piece that hangs is given up after a while and goes on in smaller ones, from where the server has it", async () => {
  const server = new Server();
  const sizes: number[] = [];
  const ask = async (address: string, init: RequestInit): Promise<Response> => {
    const bytes = init.method === "PATCH" ? (init.body as Blob).size : 0;
    if (bytes) sizes.push(bytes);
    if (bytes <= PIECE / 4) return server.ask(address, init);
    server.received += PIECE / 8; // what came through meanwhile
    return new Promise((_, fail) => init.signal?.addEventListener("abort", () => fail(init.signal?.reason)));
  };
  assert.deepEqual(await upload(job(), ask, 0.05), { outcome: "done" });
  assert.equal(server.received, SIZE);
  assert.deepEqual(sizes.slice(0, 3), [PIECE, PIECE / 2, PIECE / 4]);
});

test("a line that takes nothing at all ends the try, and does not hold the next one", async () => {
  for (const silent of ["PATCH", "HEAD", "POST"]) {
    const server = new Server();
    const ask = (address: string, init: RequestInit): Promise<Response> =>
      init.method === silent ? new Promise((_, fail) => init.signal?.addEventListener("abort", () => fail(init.signal?.reason))) : server.ask(address, init);
    assert.equal((await upload(job([], "/v1/uploads/u"), ask, 0.05)).outcome, "wait", silent);
  }
  assert.deepEqual(await upload(job(), new Server().ask), { outcome: "done" });
});

test("an upload that the server forgot is begun anew", async () => {
  const server = new Server();
  assert.deepEqual(await upload(job([], "/v1/uploads/old"), server.ask), { outcome: "done" });
  assert.deepEqual(server.asked.slice(0, 2), ["HEAD /v1/uploads/old", "POST /v1/evidence"]);
});

test("a photograph that the server has already is done at once", async () => {
  const server = new Server();
  server.fault = (method) => (method === "POST" ? said(201, { location: "/v1/uploads/u", "upload-offset": String(SIZE) }) : null);
  assert.deepEqual(await upload(job(), server.ask), { outcome: "done" });
  assert.equal(server.asked.length, 1);
});

test("a network that swallows PATCH gets it as a POST that names it", async () => {
  const server = new Server();
  const ask = (address: string, init: RequestInit): Promise<Response> =>
    init.method === "PATCH" ? Promise.resolve(said(405)) : server.ask(address, init);
  assert.deepEqual(await upload(job(), ask), { outcome: "done" });
  assert.equal(server.received, SIZE);
});

test("what the server says decides: wait as long as it asks, ask for a token, or never again", async () => {
  const problem = JSON.stringify({ code: "evidence.damaged", title: "Damaged", title_th: "เสียหาย" });
  const outcome = async (answer: Response): Promise<Sent> => {
    const server = new Server();
    server.fault = () => answer;
    return upload(job(), server.ask);
  };
  assert.deepEqual(await outcome(said(503, { "retry-after": "7" })), { outcome: "wait", seconds: 7 });
  assert.equal((await outcome(said(429))).outcome, "wait");
  assert.equal((await outcome(said(401, {}, problem))).outcome, "token");
  const refused = await outcome(said(422, {}, problem));
  assert.equal(refused.outcome === "refused" && refused.trouble.title.th, "เสียหาย");
  assert.equal((await outcome(said(422, {}, JSON.stringify({ code: "evidence.wrong_hash" })))).outcome, "wait");
});

test("a page of somebody who stands between, whatever its status, ends no photograph", async () => {
  const page = "<!doctype html><title>Wi-Fi</title>";
  for (const status of [200, 302, 401, 403, 404, 407, 413]) {
    for (const method of ["POST", "HEAD", "PATCH"]) {
      const server = new Server();
      let met = 0;
      server.there = true;
      server.fault = (asked) => (asked === method && met++ === 0 ? said(status, {}, page) : null);
      const { outcome } = await upload(job([], method === "HEAD" ? "/v1/uploads/u" : null), server.ask);
      assert.notEqual(outcome, "refused", `${status} to ${method}`);
    }
  }
});

const PHOTO: PhotographKept = {
  sha256: "aa", person: "p", sheet: "s", role: "form", page: 2, size: 9, original: new Blob(["original!"]), small: new Blob(["s"]), small_sha256: "bb", faults: [],
  made_at: 1, state: "kept", journeys: { small: NOT_BEGUN, original: NOT_BEGUN }, wanted: false, put_aside: false, next_at: 0, tries: 0,
};

test("a photograph is named by its original, with the small copy that comes first", () => {
  assert.deepEqual(evidenceOf([PHOTO, { ...PHOTO, sha256: "cc", role: "board", small_sha256: null }]), [
    { role: "form", page: 2, sha256: "aa", small: "bb" },
    { role: "board", page: 2, sha256: "cc" },
  ]);
});

test("a photograph leaves the phone only when the original has arrived", () => {
  const small = settled({ ...PHOTO, tries: 3 }, "small", { outcome: "done" }, 100);
  assert.deepEqual([small.state, small.original !== null, small.tries], ["small", true, 0]);
  const waiting = settled(settled(PHOTO, "small", { outcome: "wait", seconds: 0 }, 0), "small", { outcome: "wait", seconds: 0 }, 0);
  assert.deepEqual([waiting.tries, waiting.next_at], [2, 10_000]);
  assert.equal(settled(PHOTO, "original", { outcome: "wait", seconds: 900 }, 0).next_at, 900_000);
  const trouble = { code: "x", title: { th: "x", en: "x" } };
  assert.equal(settled(PHOTO, "small", { outcome: "refused", trouble }, 0).state, "kept", "the original may still be good");
  assert.equal(settled(small, "original", { outcome: "refused", trouble }, 0).state, "refused");
  const done = settled(small, "original", { outcome: "done" }, 0);
  assert.deepEqual([done.state, done.original, done.small !== null], ["done", null, true]);
});

const SHEET: SheetKit = {
  sheet: "1/list", ballot: "list", name: { th: "", en: "" }, forms: [],
  options: [1, 2, 3].map((number) => ({ number, name: { th: "", en: "" } })),
};

test("what was counted begins the form, what was typed stays, and what is empty is unknown", () => {
  const tally = corrected(tapped(tapped(tapped(NOTHING, "1"), "1"), SPOILED), CAST, 9, "recount");
  const typed = fromCount(SHEET, { "2": "๗", valid: " " }, tally);
  assert.deepEqual(typed, { "1": "2", "2": "๗", "3": "0", valid: "2", spoiled: "1", no_vote: "0", ballots_cast: "9" });
  assert.deepEqual(emptyVotes(SHEET, { "1": "5" }), ["2", "3"]);
  assert.deepEqual(zeroed(SHEET, { "1": "5" }), { "1": "5", "2": "0", "3": "0" });
  assert.deepEqual(unreadable(SHEET, { "1": "x", valid: "-", "3": "๕" }), ["1"]);
  const draft = draftOf(figuresOf(SHEET, { "1": "๕", "2": "", valid: "5", eligible: "x" }), { sheet: "1/list", stage: "final", evidence: [], replaces: "a" });
  assert.deepEqual(draft, { sheet: "1/list", stage: "final", votes: { "1": 5 }, valid: 5, replaces: "a" });
  assert.deepEqual(fromReport(draft), { "1": "5", valid: "5" });
});
