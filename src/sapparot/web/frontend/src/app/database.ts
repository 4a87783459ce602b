// What this phone keeps. Every change is one transaction that waits for the disk: after the promise resolves, an empty battery loses nothing.

const NAME = "sapparot-phone";
const VERSION = 1;
const KEYS = {
  profiles: "person",
  settings: "name",
  outbox: "id",
  receipts: "id",
  kits: "station",
  kept: "key",
  errands: "id",
  drafts: "key",
  photographs: "sha256",
} as const;
export type Store = keyof typeof KEYS;
export type Key = string | number;

let opened: Promise<IDBDatabase> | null = null;

/** Opens the stores; those of a newer version of the app, which another window has, as they are. */
function open(): Promise<IDBDatabase> {
  opened ??= connect(VERSION).catch((error: unknown) => (error instanceof DOMException && error.name === "VersionError" ? connect() : Promise.reject(error)));
  opened.catch(() => (opened = null));
  return opened;
}

function connect(version?: number): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, version);
    asked.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(KEYS)) {
        const made = asked.result.createObjectStore(store, { keyPath });
        if (store === "photographs") made.createIndex("sheet", "sheet");
      }
    };
    asked.onsuccess = () => {
      // A newer version of the app in another tab may change the stores; this one opens them again when it needs them.
      asked.result.onversionchange = () => forget(asked.result);
      asked.result.onclose = () => forget(asked.result);
      done(asked.result);
    };
    asked.onerror = () => fail(asked.error);
  });
}

function forget(database: IDBDatabase): void {
  database.close();
  opened = null;
}

type Work<T> = (of: (store: Store) => IDBObjectStore) => () => T;

/** Room that is kept for the moment when the disk is full: under one of two names, so that a fresh one can be tried before the old one goes. */
const RESERVES = ["reserve", "reserve 2"];
const RESERVED = 2_000_000;

export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

/** Reads or writes; what a full disk refuses is tried once more in the room that was kept for it. Pictures are too large for that room. */
async function within<T>(stores: Store[], mode: IDBTransactionMode, work: Work<T>): Promise<T> {
  try {
    return await transact(stores, mode, work);
  } catch (error) {
    if (!isFull(error) || mode === "readonly" || stores.includes("photographs") || !(await releaseRoom())) throw error;
    return transact(stores, mode, work);
  }
}

/** Keeps a little room for later; false when there is none, and people should make some. */
export async function reserveRoom(): Promise<boolean> {
  const there = await reserves();
  const name = RESERVES.find((one) => !there.includes(one)) ?? RESERVES[0] ?? "";
  try {
    await transact(["settings"], "readwrite", (of) => {
      of("settings").put({ name, value: new Blob([new Uint8Array(RESERVED)]) });
      return () => undefined;
    });
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
  for (const old of there) if (old !== name) await drop("settings", old);
  return true;
}

/** Whether the room that was kept is still there. */
export async function roomIsKept(): Promise<boolean> {
  return (await reserves()).length > 0;
}

async function reserves(): Promise<string[]> {
  return transact(["settings"], "readonly", (of) => {
    const asked = RESERVES.map((name) => of("settings").getKey(name));
    return () => asked.map(({ result }) => result as string | undefined).filter((name): name is string => name !== undefined);
  });
}

async function releaseRoom(): Promise<boolean> {
  const there = await reserves();
  if (there.length === 0) return false;
  await transact(["settings"], "readwrite", (of) => {
    for (const name of there) of("settings").delete(name);
    return () => undefined;
  });
  changed("settings");
  return true;
}

/** What a database says that the browser has closed under the app, as some do after a while in the background. */
const CLOSED = new Set(["InvalidStateError", "UnknownError"]);

/** One transaction, whole or not at all; tried once more over a new connection when the old one is gone. */
async function transact<T>(stores: Store[], mode: IDBTransactionMode, work: Work<T>): Promise<T> {
  const database = await open();
  try {
    return await transactIn(database, stores, mode, work);
  } catch (error) {
    if (!(error instanceof DOMException) || !CLOSED.has(error.name)) throw error;
    forget(database);
    return transactIn(await open(), stores, mode, work);
  }
}

function transactIn<T>(database: IDBDatabase, stores: Store[], mode: IDBTransactionMode, work: Work<T>): Promise<T> {
  return new Promise((done, fail) => {
    const transaction = database.transaction(stores, mode, { durability: "strict" });
    let result: () => T;
    transaction.oncomplete = () => done(result());
    transaction.onabort = () => fail(transaction.error ?? new DOMException("the database was closed", "InvalidStateError"));
    try {
      result = work((store) => transaction.objectStore(store));
    } catch (error) {
      transaction.abort();
      fail(error);
    }
  });
}

export function get<T>(store: Store, key: Key): Promise<T | undefined> {
  return within([store], "readonly", (of) => {
    const asked = of(store).get(key);
    return () => asked.result as T | undefined;
  });
}

export function all<T>(store: Store): Promise<T[]> {
  return within([store], "readonly", (of) => {
    const asked = of(store).getAll();
    return () => asked.result as T[];
  });
}

/** Everything with this value in an index. */
export function where<T>(store: Store, index: string, value: Key): Promise<T[]> {
  return within([store], "readonly", (of) => {
    const asked = of(store).index(index).getAll(value);
    return () => asked.result as T[];
  });
}

export async function put(store: Store, value: unknown): Promise<void> {
  await within([store], "readwrite", (of) => {
    of(store).put(value);
    return () => undefined;
  });
  changed(store);
}

/** Writes only while what a value belongs to is kept here: an answer that comes after a phone was emptied leaves nothing on it. Tells whether it was written. */
export async function putWhile(owner: [Store, Key], store: Store, value: unknown): Promise<boolean> {
  const written = await within([owner[0], store], "readwrite", (of) => {
    const there = of(owner[0]).getKey(owner[1]);
    of(store).put(value);
    there.onsuccess = () => there.result === undefined && of(store).delete((value as Record<string, Key>)[KEYS[store]] ?? "");
    return () => there.result !== undefined;
  });
  changed(store);
  return written;
}

export async function drop(store: Store, key: Key): Promise<void> {
  await within([store], "readwrite", (of) => {
    of(store).delete(key);
    return () => undefined;
  });
  changed(store);
}

/** Writes and drops many values in one transaction: whoever watches hears of it once. */
export async function exchange(store: Store, gone: Key[], fresh: unknown[]): Promise<void> {
  await within([store], "readwrite", (of) => {
    for (const key of gone) of(store).delete(key);
    for (const value of fresh) of(store).put(value);
    return () => undefined;
  });
  changed(store);
}

/** Reads, changes and writes one value in one transaction; `null` from `next` leaves it as it is. Returns what is kept then. */
export function change<T>(store: Store, key: Key, next: (old: T | undefined) => T | null): Promise<T | undefined> {
  return changeWhile(null, store, key, next);
}

/** Changes only while what a value belongs to is kept here; undefined when it is not. */
export async function changeWhile<T>(owner: [Store, Key] | null, store: Store, key: Key, next: (old: T | undefined) => T | null): Promise<T | undefined> {
  const kept = await within(owner ? [owner[0], store] : [store], "readwrite", (of) => {
    let value: T | undefined;
    const work = (): void => {
      const asked = of(store).get(key);
      asked.onsuccess = () => {
        value = asked.result as T | undefined;
        const wanted = next(value);
        if (wanted === null) return;
        value = wanted;
        of(store).put(wanted);
      };
    };
    if (!owner) work();
    else {
      const there = of(owner[0]).getKey(owner[1]);
      there.onsuccess = () => there.result !== undefined && work();
    }
    return () => value;
  });
  changed(store);
  return kept;
}

/** Drops what a rule names, in one transaction; it sees the stores in this order. */
export async function sweep(stores: Store[], goes: (store: Store, value: unknown) => boolean): Promise<void> {
  await within(stores, "readwrite", (of) => {
    for (const store of stores) {
      const asked = of(store).getAll() as IDBRequest<Record<string, Key>[]>;
      asked.onsuccess = () => {
        for (const value of asked.result) if (goes(store, value)) of(store).delete(value[KEYS[store]] ?? "");
      };
    }
    return () => undefined;
  });
  stores.forEach(changed);
}

/** Empties this phone. */
export async function wipe(): Promise<void> {
  const stores = Object.keys(KEYS) as Store[];
  await within(stores, "readwrite", (of) => {
    for (const store of stores) of(store).clear();
    return () => undefined;
  });
  stores.forEach(changed);
}

// Other tabs and the service worker hear of changes; this tab too.
type Listener = (store: Store) => void;
const listeners = new Set<Listener>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME);
// Under Node, where the tests run, an open channel would hold the process for ever.
(channel as { unref?: () => void } | null)?.unref?.();
if (channel) channel.onmessage = (event: MessageEvent<Store>) => listeners.forEach((listener) => listener(event.data));

function changed(store: Store): void {
  channel?.postMessage(store);
  listeners.forEach((listener) => listener(store));
}

/** Calls whenever something in a store may have changed, here or in another tab; returns what ends it. */
export function watch(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
