// Brings photographs to the server: all small copies first, then the originals, unless the network costs money by the byte.
import { all, change, watch } from "../app/database";
import type { Access, Kept } from "../app/facts";
import { ifRoom, waiting } from "../app/marking";
import { due, ripe } from "../app/outbox";
import { accessNow } from "../app/sending";
import { inTurn } from "../app/turns";
import { NOT_BEGUN, type Journey, type PhotographKept } from "./photos";
import { upload, type Sent } from "./tus";

const FIRST_WAIT = 5;
const LONGEST_WAIT = 600;
const LONGEST_RETRY = 3_600;

type File = "small" | "original";

const TURN = "sapparot-photographs";
let running: Promise<void> | null = null;
let again = false;

/** Sends what waits beside the rounds of reports, here or in another window; what is asked for meanwhile follows. */
export function sendPhotographs(): Promise<void> {
  again = true;
  running ??= rounds().finally(() => (running = null));
  return running;
}

async function rounds(): Promise<void> {
  while (again) {
    again = false;
    await inTurn(TURN, () => uploadWaiting(accessNow()));
  }
}

/** One round. Stops at the first file that must wait for the network, and when a report goes out meanwhile: that has the line first. The next round goes on there. */
export async function uploadWaiting(access: Access): Promise<void> {
  const giveWay = new AbortController();
  const stop = (): void => giveWay.abort();
  const unwatch = watch((store) => store === "outbox" && void reportsGo().then((so) => so && stop()));
  access.signal.addEventListener("abort", stop);
  try {
    await sendAll({ ...access, signal: giveWay.signal });
  } finally {
    access.signal.removeEventListener("abort", stop);
    unwatch();
  }
}

async function reportsGo(): Promise<boolean> {
  return due(await waiting<Kept>("outbox"), Date.now()).length > 0;
}

async function sendAll(access: Access): Promise<void> {
  for (const file of ["small", "original"] as const) {
    for (const { sha256 } of await all<PhotographKept>("photographs")) {
      if (access.signal.aborted || !(await one(sha256, file, access))) return;
    }
  }
}

/** Sends one file of a photograph; false when the round should end. */
async function one(sha256: string, file: File, access: Access): Promise<boolean> {
  const photo = (await all<PhotographKept>("photographs")).find((each) => each.sha256 === sha256);
  const bytes = photo?.[file];
  if (!photo || !bytes || !ready(photo, file, access)) return true;
  const token = await access.token(photo.person);
  if (token === null) return true;
  const sent = await upload({
    bytes,
    sha256: (file === "small" ? photo.small_sha256 : photo.sha256) ?? "",
    token,
    address: photo.journeys[file].address,
    signal: access.signal,
    moved: (address, offset) => moved(sha256, file, { address: address || null, offset, done: false }),
  });
  if (sent.outcome === "wait" && access.signal.aborted) return false;
  await settle(sha256, file, sent);
  return sent.outcome !== "wait";
}

/** Whether a photograph is left that would go if the network let it. */
export async function photographsWait(): Promise<boolean> {
  const access = accessNow();
  for (const photo of await all<PhotographKept>("photographs")) {
    const left = open(photo, "small", access) || open(photo, "original", access);
    if (left && (await access.token(photo.person)) !== null) return true;
  }
  return false;
}

function ready(photo: PhotographKept, file: File, access: Access): boolean {
  return open(photo, file, access) && ripe(photo, Date.now());
}

function open(photo: PhotographKept, file: File, access: Access): boolean {
  if (!photo[file] || (file === "small" && !photo.small_sha256) || photo.journeys[file].done || photo.state === "refused" || photo.state === "done") return false;
  // Without a small copy the original is all there is.
  return file === "small" || photo.small_sha256 === null || photo.wanted || !access.metered();
}

async function moved(sha256: string, file: File, journey: Journey): Promise<void> {
  const work = change<PhotographKept>("photographs", sha256, (old) => {
    if (!old) return null;
    const state = old.state === "kept" ? "sending" : old.state;
    return { ...old, state, tries: 0, journeys: { ...old.journeys, [file]: journey } };
  });
  await ifRoom(work);
}

async function settle(sha256: string, file: File, sent: Sent): Promise<void> {
  await ifRoom(change<PhotographKept>("photographs", sha256, (old) => (old ? settled(old, file, sent, Date.now()) : null)));
}

/** What is true of a photograph after one of its files was sent, or was not. */
export function settled(old: PhotographKept, file: File, sent: Sent, now: number): PhotographKept {
  switch (sent.outcome) {
    case "done":
      return arrived(old, file);
    case "wait": {
      const own = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** old.tries);
      return { ...old, tries: old.tries + 1, next_at: now + 1000 * Math.min(LONGEST_RETRY, Math.max(sent.seconds, own)) };
    }
    case "token":
      return { ...old, next_at: now + 1000 * LONGEST_WAIT, trouble: sent.trouble };
    case "refused":
      // A small copy that is refused says nothing about the original.
      if (file === "small") return { ...old, small_sha256: old.small_sha256, journeys: { ...old.journeys, small: { ...NOT_BEGUN, done: true } }, trouble: sent.trouble };
      return { ...old, state: "refused", trouble: sent.trouble };
  }
}

function arrived(old: PhotographKept, file: File): PhotographKept {
  const { trouble: _gone, ...rest } = old;
  const journeys = { ...old.journeys, [file]: { ...old.journeys[file], done: true } };
  if (file === "small") return { ...rest, journeys, state: "small", tries: 0, next_at: 0 };
  return { ...rest, journeys, state: "done", original: null, tries: 0, next_at: 0 };
}
