// Keeps sending while the app is open: when something is new, when there is a network again, when a wait is over.
import type { PhotographKept } from "../count/photos";
import { sendPhotographs } from "../count/uploads";
import { all, watch } from "./database";
import type { Errand, Kept } from "./facts";
import { followCosigners, followPhotographs, followReceipts, followStates } from "./following";
import { askForWaking } from "./installing";
import { waiting } from "./marking";
import { afterwards, backOnline, hurry, sendRound } from "./sending";
import { hangUp, LINE } from "./wire";

const SOON = 400;
const IDLE = 60_000;
const LEAST = 1_000;
/** What is due and was left by the round that just ended waits for something else: a person who signs in, a key that is enrolled. */
const STUCK = 15_000;
/** On one bar an answer takes some seconds; what had this long is given up for who does not want to wait. */
const PATIENT = 5_000;
/** No single question takes longer. */
const ASLEEP = 60_000;
const OPEN = new Set(["kept", "sent", "accepted"]);

let timer: ReturnType<typeof setTimeout> | undefined;
let running = false;
let again = false;
let began = 0;
/** What the next round does first, once no other one sends. */
let wish: (() => Promise<void>) | undefined;
let another = hangUp;

export function startPump(): void {
  afterwards.push(() => followReceipts(Date.now), () => followPhotographs(Date.now), () => followCosigners(Date.now), () => followStates(Date.now));
  if (typeof BroadcastChannel !== "undefined") {
    const others = new BroadcastChannel(LINE);
    others.onmessage = hangUp;
    another = (): void => {
      hangUp();
      others.postMessage("another line");
    };
  }
  addEventListener("offline", () => another());
  addEventListener("online", () => {
    another();
    wish = backOnline;
    send();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && back());
  let known = new Set<string>();
  watch((store) => {
    if (store !== "outbox" && store !== "errands" && store !== "photographs") return;
    void fresh().then((ids) => {
      // Something new waits; what only moved on is the work of the round itself.
      if ([...ids].some((id) => !known.has(id))) {
        send();
        void askForWaking();
      }
      known = ids;
    });
  });
  send();
}

/** The window is looked at again. Nobody answers any more what was asked before the phone put it to sleep. */
function back(): void {
  if (running && Date.now() - began > ASLEEP) another();
  send();
}

/** Asks for a round soon; several wishes become one. */
export function send(): void {
  again = true;
  if (!running) plan(SOON);
}

/** Everything that waits goes now; what hangs meanwhile, here, in another window or in the worker, is given up for it. */
export function sendNow(): void {
  wish = hurry;
  setTimeout(() => wish && another(), running ? Math.max(0, began + PATIENT - Date.now()) : PATIENT);
  send();
}

function plan(milliseconds: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void round(), milliseconds);
}

async function round(): Promise<void> {
  running = true;
  again = false;
  began = Date.now();
  try {
    const reached = await sendRound(async () => {
      const wished = wish;
      wish = undefined;
      await wished?.();
    });
    if (reached) void sendPhotographs().catch(console.error);
  } catch (error) {
    console.error(error);
  } finally {
    running = false;
  }
  plan(again ? SOON : await untilNext().catch(() => IDLE));
}

async function untilNext(): Promise<number> {
  const reports = (await waiting<Kept>("outbox")).filter((one) => OPEN.has(one.way)).map((one) => one.next_at);
  const errands = (await waiting<Errand>("errands")).filter((one) => !one.done).map((one) => one.next_at);
  const next = Math.min(Infinity, ...reports, ...errands) - Date.now();
  return next <= 0 ? STUCK : Math.min(IDLE, Math.max(LEAST, next));
}

async function fresh(): Promise<Set<string>> {
  const reports = (await waiting<Kept>("outbox")).filter((one) => one.way === "kept").map((one) => one.id);
  const errands = (await waiting<Errand>("errands")).filter((one) => !one.done && one.tries === 0).map((one) => one.id);
  const photographs = (await all<PhotographKept>("photographs")).filter((one) => one.state === "kept").map((one) => one.sha256);
  return new Set([...reports, ...errands, ...photographs]);
}
