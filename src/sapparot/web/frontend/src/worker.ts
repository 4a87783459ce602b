// The worker: keeps the whole app for a day without a network, and sends what waits when the browser wakes it up for that.
// VERSION and FILES are written in front of this file by the server; another version of any page or file makes another worker.
import { backOnline, sendRound } from "./app/sending";
import { hangUp, LINE } from "./app/wire";
import { photographsWait, sendPhotographs } from "./count/uploads";

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
  addEventListener(name: "activate" | "sync", listener: (event: Lasting) => void): void;
  addEventListener(name: "fetch", listener: (event: Asked) => void): void;
  addEventListener(name: "message", listener: (event: Lasting & { data: unknown }) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void>; matchAll(): Promise<readonly object[]> };
  registration: { scope: string };
}

const scope = self as unknown as Scope;
/** Each of the two workers, one for each language, has caches of its own: either may be of an older version than the other. */
const OWN = `sapparot-app-${new URL(scope.registration.scope).pathname}-`;
const CACHE = OWN + VERSION;
const BUILT = "/static/built/";
/** Older versions that are kept while pages are open, which may be theirs. */
const OLDER = 3;
const PAGES = new Set(["/app", "/en/app"]);
const kept = new Set(FILES);

scope.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await Promise.all(FILES.map((file) => keep(cache, file)));
      for (const page of PAGES) await fits(await cache.match(page));
      await straight(event);
    })(),
  );
});

/** What is named after its bytes and is here already, for the other language or an older version, does not cross the line again. */
async function keep(cache: Cache, file: string): Promise<void> {
  const here = file.startsWith(BUILT) ? await caches.match(file) : undefined;
  const answer = here ?? (await fetch(new Request(file, { cache: "no-cache" })));
  const page = answer.headers.get("content-type")?.startsWith("text/html") ?? false;
  // Somebody who stands between, as a Wi-Fi that wants a login, may answer for every address with a page of its own.
  if (!answer.ok || answer.redirected || page !== PAGES.has(file)) throw new Error(`what came is not ${file}; the browser tries again`);
  await cache.put(file, answer);
}

/** While a new version is brought out, one server may answer with this worker and another one with a page of the version before. */
async function fits(page: Response | undefined): Promise<void> {
  const named = (await page?.text())?.match(/\/static\/built\/[\w.-]+\.js/g) ?? [];
  if (named.length === 0 || !named.every((file) => kept.has(file))) throw new Error("the page is of another version; the browser tries again");
}

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
      const older = (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== CACHE);
      const open = await scope.clients.matchAll();
      for (const name of open.length ? older.slice(0, -OLDER) : older) await caches.delete(name);
      await scope.clients.claim();
    })(),
  );
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const path = request.mode === "navigate" && PAGES.has(url.pathname) ? url.pathname : kept.has(url.pathname) ? url.pathname : null;
  // A cache that the browser cannot read is as good as none.
  if (path !== null) event.respondWith(caches.open(CACHE).then((cache) => cache.match(path)).catch(() => undefined).then((found) => found ?? fetch(request)));
  // A page that was open when this version took over asks for parts of its own.
  else if (url.pathname.startsWith(BUILT)) event.respondWith(caches.match(request).catch(() => undefined).then((part) => part ?? fetch(request)));
});

/** The browser has a network again, perhaps long after the app was closed. A round that fails is asked for again by the browser. */
function send(event: Lasting): void {
  event.waitUntil(
    sendRound(backOnline).then(async (reached) => {
      if (!reached) throw new Error("no network yet");
      await sendPhotographs();
      if (await photographsWait()) throw new Error("not network enough for photographs yet");
    }),
  );
}
scope.addEventListener("sync", send);
if (typeof BroadcastChannel !== "undefined") new BroadcastChannel(LINE).onmessage = hangUp;

scope.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(scope.skipWaiting());
});
