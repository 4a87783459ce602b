// The log as this site serves it, and what this browser keeps of it: the newest head that was verified here, by origin.
import { base64, Damaged, unbase64, type Bytes } from "./bytes";
import type { Server } from "./judge";
import type { Head } from "./merkle";
import { Away } from "./steps";
import { Missing } from "./tiles";

const KEPT = "sapparot.ledger.";
const MOST_SECONDS = 20;
const PAUSE_SECONDS = 2;

async function got(url: string, fresh: boolean): Promise<Response> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), MOST_SECONDS * 1000);
  try {
    const answer = await fetch(url, { cache: fresh ? "no-cache" : "default", signal: giveUp.signal });
    if (answer.status === 404) throw new Missing(url);
    // No file of a log is a page: somebody who stands between has answered.
    if (!answer.ok || answer.headers.get("content-type")?.startsWith("text/html")) throw new Away(`${answer.status} ${url}`);
    return new Response(await answer.arrayBuffer());
  } catch (error) {
    throw error instanceof Missing ? error : new Away(String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function json(url: string): Promise<Record<string, unknown> | null> {
  try {
    return (await (await got(url, true)).json()) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof Missing) return null;
    throw error instanceof SyntaxError ? new Damaged("not JSON") : error;
  }
}

/** Files that are replaced; everything else below the log never changes. */
const REPLACED = new Set(["checkpoint", "cosigned", "log.vkey", "policy"]);

export const server: Server = {
  read: async (path): Promise<Bytes> => new Uint8Array(await (await got(`/log/${path}`, REPLACED.has(path))).arrayBuffer()),
  find: async (leaf) => {
    const index = (await json(`/v1/find/${leaf}`))?.["index"];
    return typeof index === "number" ? index : null;
  },
  about: async (kid, kind) => {
    const entries = (await json(`/v1/keys/${encodeURIComponent(kid)}`))?.["entries"];
    const rows = (Array.isArray(entries) ? entries : []) as { kind?: unknown; position?: unknown }[];
    return rows.filter((row) => row.kind === kind).map((row) => Number(row.position));
  },
  pause: () => new Promise((done) => setTimeout(done, PAUSE_SECONDS * 1000)),
  seen: (origin) => {
    try {
      const [size, root] = (localStorage.getItem(KEPT + origin) ?? "").split(" ");
      return size && root ? { size: Number(size), root: unbase64(root) } : null;
    } catch {
      return null; // nothing may be kept here, or somebody wrote something else
    }
  },
};

export function remember(origin: string, head: Head): void {
  try {
    localStorage.setItem(KEPT + origin, `${head.size} ${base64(head.root)}`);
  } catch {
    // A browser that keeps nothing checks without a memory.
  }
}
