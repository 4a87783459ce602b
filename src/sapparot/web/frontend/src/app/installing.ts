// The worker of both languages, room on the disk that the browser does not take away, and installing as an app.
import { put, reserveRoom, roomIsKept } from "./database";

interface Syncing {
  sync?: { register(tag: string): Promise<void> };
}

const PLACES = ["/app", "/en/app"];
const NEARLY_FULL = 0.9;
/** One photograph and a hundred reports still fit into this. */
const LEAST_FREE = 50_000_000;

export async function install(onNewer: (take: () => void) => void): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const here = location.pathname.startsWith("/en/") ? "/en/app" : "/app";
  try {
    const own = await navigator.serviceWorker.register("/worker.js", { scope: here });
    listen(own, onNewer);
    await ready(own);
    for (const scope of PLACES) if (scope !== here) await navigator.serviceWorker.register("/worker.js", { scope });
  } catch {
    // A browser that allows no worker works with a network, and keeps reports all the same.
  }
}

function ready(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing;
  if (!worker) return Promise.resolve();
  return new Promise((done) => worker.addEventListener("statechange", () => (worker.state === "installed" || worker.state === "redundant") && done()));
}

function listen(registration: ServiceWorkerRegistration, onNewer: (take: () => void) => void): void {
  const tell = (): void => {
    const { waiting } = registration;
    if (!waiting || !navigator.serviceWorker.controller) return;
    onNewer(() => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      waiting.postMessage("take over");
    });
  };
  tell();
  registration.addEventListener("updatefound", () => void ready(registration).then(tell));
}

/** Asks the browser to wake the worker when there is a network, where it can do that. */
export async function askForWaking(): Promise<void> {
  try {
    const registration = (await navigator.serviceWorker?.getRegistration()) as (ServiceWorkerRegistration & Syncing) | undefined;
    await registration?.sync?.register("outbox");
  } catch {
    // The app itself sends when it is open.
  }
}

let opened = false;

/** Tries whether there is room, by keeping some: browsers no longer tell how much is left. */
export async function tryRoom(): Promise<void> {
  await reserveRoom().catch(() => undefined);
  opened = true;
}

export interface Room {
  persistent: boolean;
  /** Bytes left, null when the browser does not say. */
  free: number | null;
  tight: boolean;
}

/** How much room is left, and whether the browser promised not to clear it. */
export async function room(): Promise<Room> {
  const persistent = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  const spent = opened && !(await roomIsKept());
  const { usage, quota } = (await navigator.storage?.estimate?.().catch(() => ({}) as StorageEstimate)) ?? {};
  if (usage === undefined || !quota) return { persistent, free: null, tight: spent };
  const free = Math.max(0, quota - usage);
  return { persistent, free, tight: spent || usage / quota > NEARLY_FULL || free < LEAST_FREE };
}

/** Asks once that what is kept here stays, after the first person signed in. */
export async function keepForGood(): Promise<void> {
  const granted = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
  await put("settings", { name: "persistent", value: granted });
}

interface Prompt extends Event {
  prompt(): Promise<void>;
}
let held: Prompt | null = null;

export function catchPrompt(onReady: () => void): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    held = event as Prompt;
    onReady();
  });
  addEventListener("appinstalled", () => {
    held = null;
    onReady();
  });
}

export function installable(): boolean {
  return held !== null;
}

export async function promptToInstall(): Promise<void> {
  await held?.prompt();
  held = null;
}
