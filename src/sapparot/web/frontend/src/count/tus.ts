// Sends a file in pieces and goes on where it was interrupted: the client side of tus 1.0.0 (https://tus.io/protocols/resumable-upload).
import { base64, utf8 } from "../check/bytes";
import type { Trouble } from "../app/facts";
import { saidSo, troubleIn, waits } from "../app/wire";

export const BEGIN = "/v1/evidence";
/** What is lost at most when the network goes in the middle of a piece. */
export const PIECE = 512 * 1024;
const SMALLEST = 16 * 1024;
/** So long may a piece, or a question about one, be under way. A browser does not tell how far a piece has come: what takes longer goes in smaller ones. */
const PATIENT_SECONDS = 30;
const VERSION = "1.0.0";
const BUSY_SECONDS = 15;
/** Methods that strict networks swallow travel as a POST. */
const SWALLOWED = new Set([405, 501]);

export interface Job {
  readonly bytes: Blob;
  readonly sha256: string;
  readonly token: string;
  /** Where the upload lives, when it was begun before. */
  readonly address: string | null;
  readonly signal: AbortSignal;
  /** Hears where the upload lives and how far it has come; must be durable before the next piece is worth sending. */
  moved(address: string, offset: number): Promise<void>;
}

/** `wait`: nothing is wrong with the file, try again after so many seconds; `token`: this device may not speak (now); `refused`: never. */
export type Sent = { outcome: "done" } | { outcome: "wait"; seconds: number } | { outcome: "token"; trouble: Trouble } | { outcome: "refused"; trouble: Trouble };

type Ask = (address: string, init: RequestInit) => Promise<Response>;

/** Nobody answered in time. */
class Stalled extends Error {}

/** As large as this line has taken in time; what one photograph found out holds for the next. */
let size = PIECE;

class Stopped extends Error {
  constructor(readonly sent: Sent) {
    super(sent.outcome);
  }
}

export async function upload(job: Job, ask: Ask = (address, init) => fetch(address, init), patience = PATIENT_SECONDS): Promise<Sent> {
  try {
    return await new Upload(job, ask, patience).run();
  } catch (error) {
    if (error instanceof Stopped) return error.sent;
    if (error instanceof Stalled || error instanceof TypeError || (error instanceof DOMException && error.name === "AbortError")) return { outcome: "wait", seconds: 0 };
    throw error;
  }
}

class Upload {
  private address: string | null;
  private disguised = false;

  constructor(
    private readonly job: Job,
    private readonly ask: Ask,
    private readonly patience: number,
  ) {
    this.address = job.address;
  }

  async run(): Promise<Sent> {
    let offset = (await this.resumed()) ?? (await this.begun());
    while (offset < this.job.bytes.size) {
      const next = await this.piece(offset).catch((error: unknown) => this.slower(error));
      if (next <= offset) throw new Stopped({ outcome: "wait", seconds: BUSY_SECONDS });
      offset = next;
    }
    return { outcome: "done" };
  }

  /** After a piece that did not come through in time: what the server has of it counts, and the next one is half as large. */
  private async slower(error: unknown): Promise<number> {
    if (!(error instanceof Stalled) || size === SMALLEST) throw error;
    size = Math.max(SMALLEST, size / 2);
    return (await this.resumed()) ?? this.again();
  }

  /** How far an upload that was begun before has come; null when it is not there any more. */
  private async resumed(): Promise<number | null> {
    if (!this.address) return null;
    const answer = await this.say("HEAD", this.address);
    if (answer.status === 404 || answer.status === 410) {
      this.address = null;
      return null;
    }
    if (!answer.ok) throw await stopped(answer);
    const offset = offsetIn(answer);
    if (offset === null) throw await stopped(answer);
    return offset;
  }

  private async begun(): Promise<number> {
    const metadata = `sha256 ${base64(utf8(this.job.sha256))}`;
    const answer = await this.say("POST", BEGIN, { "upload-length": String(this.job.bytes.size), "upload-metadata": metadata });
    const address = answer.headers.get("location");
    if (answer.status !== 201 || !address) throw await stopped(answer);
    this.address = address;
    const offset = offsetIn(answer) ?? 0;
    await this.job.moved(address, offset);
    return offset;
  }

  private async piece(offset: number): Promise<number> {
    const address = this.address ?? "";
    const headers = { "upload-offset": String(offset), "content-type": "application/offset+octet-stream" };
    const begun = Date.now();
    const answer = await this.say("PATCH", address, headers, this.job.bytes.slice(offset, offset + size));
    if (Date.now() - begun < this.patience * 250) size = Math.min(PIECE, size * 2);
    // Somebody else's idea of how far it is (a piece whose answer was lost): the server's counts.
    const now = answer.status === 409 ? await this.resumed() : answer.status === 204 ? offsetIn(answer) : null;
    if (now === null) {
      if (answer.status !== 404 && answer.status !== 410 && answer.status !== 409) throw await stopped(answer);
      this.address = null;
      return this.again();
    }
    await this.job.moved(address, now);
    return now;
  }

  /** The server has forgotten the upload: begin anew, once in a run. */
  private async again(): Promise<never> {
    await this.job.moved("", 0);
    throw new Stopped({ outcome: "wait", seconds: 0 });
  }

  private async say(method: string, address: string, headers: Record<string, string> = {}, body?: Blob): Promise<Response> {
    const all: Record<string, string> = { ...headers, "tus-resumable": VERSION, authorization: `Bearer ${this.job.token}` };
    const veiled = this.disguised && method !== "POST";
    if (veiled) all["x-http-method-override"] = method;
    const init: RequestInit = { method: veiled ? "POST" : method, headers: all, cache: "no-store" };
    const answer = await this.inTime(address, body ? { ...init, body } : init);
    if (!SWALLOWED.has(answer.status) || this.disguised || method === "POST") return answer;
    this.disguised = true;
    return this.say(method, address, headers, body);
  }

  /** Asks, and hears what there is to read of a refusal; throws Stalled when that takes too long. */
  private async inTime(address: string, init: RequestInit): Promise<Response> {
    const { signal } = this.job;
    const giveUp = new AbortController();
    const stop = (): void => giveUp.abort();
    let late = false;
    const timer = setTimeout(() => ((late = true), stop()), this.patience * 1000);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      const answer = await this.ask(address, { ...init, signal: giveUp.signal });
      return answer.ok ? answer : new Response((await answer.text()) || null, answer);
    } catch (error) {
      throw late ? new Stalled() : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }
}

function offsetIn(answer: Response): number | null {
  const text = answer.headers.get("upload-offset");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

async function stopped(answer: Response): Promise<Stopped> {
  const { status } = answer;
  const seconds = waits(answer.headers.get("retry-after"), Date.now());
  const trouble = troubleIn({ status, body: await answer.text() });
  if (status === 401 || status === 403) return new Stopped({ outcome: "token", trouble });
  // Only the server itself ends the way of a photograph.
  const passes = !saidSo(trouble) || status >= 500 || status === 408 || status === 409 || status === 423 || status === 429 || status === 460;
  if (passes || trouble.code === "evidence.wrong_hash") return new Stopped({ outcome: "wait", seconds: seconds ?? BUSY_SECONDS });
  return new Stopped({ outcome: "refused", trouble });
}
