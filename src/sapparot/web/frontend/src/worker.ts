// The worker: keeps the whole app for a day without a network, and sends what waits when the browser wakes it up for that.
// VERSION and FILES are written in front of this file by the server; another version of any page or file makes another worker.
import { afterwards, backOnline, sendRound } from "./app/sending";
import { uploadWaiting } from "./count/uploads";

declare const VERSION: string;
declare const FILES: string[];

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
/** Routes that the browser follows without starting the worker (Service Worker Static Routing API), where it can. */
interface Installing extends Lasting {
  addRoutes?(routes: { condition: object; source: { cacheName: string } }[]): Promise<void>;
}
interface Asked extends Lasting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  addEventListener(name: "install", listener: (event: Installing) => void): void;
  addEventListener(name: "activate" | "sync" | "periodicsync", listener: (event: Lasting) => void): void;
  addEventListener(name: "fetch", listener: (event: Asked) => void): void;
  addEventListener(name: "message", listener: (event: Lasting & { data: unknown }) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}

const scope = self as unknown as Scope;
const CACHE = `sapparot-app-${VERSION}`;
const PAGES = new Set(["/app", "/en/app"]);
const kept = new Set(FILES);
afterwards.push(uploadWaiting);

scope.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      // Two workers, one for each language, share the cache: what one brought the other does not bring again.
      const here = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
      await cache.addAll(FILES.filter((file) => !here.has(file)).map((file) => new Request(file, { cache: "no-cache" })));
      await straight(event);
    })(),
  );
});

/** What is kept comes from the cache without waiting until this worker has started: that costs a slow phone half a second. */
async function straight(event: Installing): Promise<void> {
  const condition = (pathname: string): object => ({ urlPattern: { pathname }, requestMethod: "GET" });
  const paths = [...PAGES, ...FILES.filter((file) => file.startsWith("/static/"))];
  try {
    await event.addRoutes?.(paths.map((path) => ({ condition: condition(path), source: { cacheName: CACHE } })));
  } catch {
    // The worker answers itself.
  }
}

scope.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("sapparot-app-") && name !== CACHE) await caches.delete(name);
      await scope.clients.claim();
    })(),
  );
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const path = request.mode === "navigate" && PAGES.has(url.pathname) ? url.pathname : kept.has(url.pathname) ? url.pathname : null;
  if (path === null) return;
  event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(path)) ?? fetch(request)));
});

/** The browser has a network again, perhaps long after the app was closed. A round that fails is asked for again by the browser. */
function send(event: Lasting): void {
  event.waitUntil(
    backOnline()
      .then(() => sendRound())
      .then((reached) => {
        if (!reached) throw new Error("no network yet");
      }),
  );
}
scope.addEventListener("sync", send);
scope.addEventListener("periodicsync", send);

scope.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(scope.skipWaiting());
});
