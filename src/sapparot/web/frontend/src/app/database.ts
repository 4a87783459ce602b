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

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, VERSION);
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
  opened.catch(() => (opened = null));
  return opened;
}

function forget(database: IDBDatabase): void {
  database.close();
  opened = null;
}

async function within<T>(stores: Store[], mode: IDBTransactionMode, work: (of: (store: Store) => IDBObjectStore) => () => T): Promise<T> {
  const database = await open();
  return new Promise((done, fail) => {
    const transaction = database.transaction(stores, mode, { durability: "strict" });
    let result: () => T;
    transaction.oncomplete = () => done(result());
    transaction.onabort = () => fail(transaction.error ?? new DOMException("aborted", "AbortError"));
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

export async function drop(store: Store, key: Key): Promise<void> {
  await within([store], "readwrite", (of) => {
    of(store).delete(key);
    return () => undefined;
  });
  changed(store);
}

/** Reads, changes and writes one value in one transaction; `null` from `next` leaves it as it is. Returns what is kept then. */
export async function change<T>(store: Store, key: Key, next: (old: T | undefined) => T | null): Promise<T | undefined> {
  const kept = await within([store], "readwrite", (of) => {
    let value: T | undefined;
    const asked = of(store).get(key);
    asked.onsuccess = () => {
      value = asked.result as T | undefined;
      const wanted = next(value);
      if (wanted === null) return;
      value = wanted;
      of(store).put(wanted);
    };
    return () => value;
  });
  changed(store);
  return kept;
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
