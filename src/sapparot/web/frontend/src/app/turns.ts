// One at a time over all windows and the worker. Who has its turn answers when somebody waits for it; from who does not, as a window that the phone
// has frozen in the middle, the turn is taken. Two at a time cost a second sending, which the server knows; nobody at all would cost the reports.

const NAME = "sapparot-turns";
/** Milliseconds: how long one waits before it asks, and until who is there has answered. A slow phone looks at a picture for seconds. */
const PATIENT = 3_000;
const SILENT = 4_000;

type Word = { asks: string } | { here: string };
const mine = new Set<string>();
const waiting = new Set<(name: string) => void>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME);
// Under Node, where the tests run, an open channel would hold the process for ever.
(channel as { unref?: () => void } | null)?.unref?.();
if (channel) {
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if ("here" in data) for (const heard of waiting) heard(data.here);
    else if (mine.has(data.asks)) say({ here: data.asks });
  };
}

function say(word: Word): void {
  channel?.postMessage(word);
}

/** Does the work when nobody else does any under this name. Whose turn was taken away goes on to its end all the same. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (typeof navigator === "undefined" || !navigator.locks) return work();
  const giveUp = new AbortController();
  const stop = doubt(name, () => giveUp.abort());
  const begun: Promise<T>[] = [];
  const turn = async (): Promise<void> => {
    stop();
    mine.add(name);
    const own = work();
    begun.push(own);
    await own.catch(() => undefined);
    mine.delete(name);
  };
  for (const how of [{ signal: giveUp.signal }, { steal: true }]) {
    if (begun.length === 0) await navigator.locks.request(name, how, turn).catch(aborted);
  }
  mine.delete(name);
  return begun[0] ?? work();
}

/** Both who waits no longer and whose turn was taken hear it so. */
function aborted(error: unknown): void {
  if (!(error instanceof DOMException) || error.name !== "AbortError") throw error;
}

/** Asks again and again whether who has the turn is there, until told to stop; calls `silent` once nobody answers. */
function doubt(name: string, silent: () => void): () => void {
  if (!channel) return () => undefined;
  const ask = (): void => {
    // Whoever asks is not frozen, and a channel brings no word to who said it.
    if (mine.has(name)) return heard(name);
    say({ asks: name });
    timer = setTimeout(silent, SILENT);
  };
  let timer = setTimeout(ask, PATIENT);
  const heard = (about: string): void => {
    if (about !== name) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PATIENT);
  };
  waiting.add(heard);
  return () => {
    clearTimeout(timer);
    waiting.delete(heard);
  };
}
