// Marks on what waits, made while it is sent. A full disk takes none: they are kept in mind until it does, so that sending goes on all the same.
import { all, change, isFull, type Store } from "./database";

type Waiting = "outbox" | "errands";
interface Named {
  id: string;
}

const unwritten = new Map<string, Named>();
const place = (store: Waiting, id: string): string => `${store}/${id}`;

/** Does without a write that a full disk refuses; for what can be found out again. */
export async function ifRoom(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

/** What waits, as it is known now: from the disk, and what the disk could not take. */
export async function waiting<T extends Named>(store: Waiting): Promise<T[]> {
  return (await all<T>(store as Store)).map((one) => (unwritten.get(place(store, one.id)) as T | undefined) ?? one);
}

/** Changes one of them; `null` from `next` leaves it as it is. A crash before a mark was written costs a second sending, which the server knows. */
export async function mark<T extends Named>(store: Waiting, id: string, next: (old: T) => T | null): Promise<void> {
  const key = place(store, id);
  let made: T | null = null;
  try {
    await change<T>(store, id, (old) => {
      const known = (unwritten.get(key) as T | undefined) ?? old;
      // What was dropped meanwhile stays dropped.
      made = old && known ? (next(known) ?? (known === old ? null : known)) : null;
      return made;
    });
    unwritten.delete(key);
  } catch (error) {
    if (!isFull(error)) throw error;
    if (made) unwritten.set(key, made);
  }
}
