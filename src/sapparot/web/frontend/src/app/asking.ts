// Answers of the server that stay readable without a network: the last one is kept for each person.
import { get, putWhile } from "./database";
import { AppProblem } from "./facts";
import { ifRoom } from "./marking";
import { json, Offline } from "./wire";

export interface Fresh<T> {
  value: T;
  at: number;
  /** False when it is what was kept, since no answer came. */
  fresh: boolean;
}

interface Stored<T> {
  key: string;
  value: T;
  at: number;
}

export async function kept<T>(person: string, name: string): Promise<Fresh<T> | null> {
  const found = await get<Stored<T>>("kept", `${person}/${name}`);
  return found ? { value: found.value, at: found.at, fresh: false } : null;
}

export async function keep(person: string, name: string, value: unknown): Promise<void> {
  await putWhile(["profiles", person], "kept", { key: `${person}/${name}`, value, at: Date.now() });
}

/** Asks, keeps what came, and falls back to what was kept when nobody answers, or the server cannot or not without signing in again. */
export async function asked<T>(person: string, name: string, path: string): Promise<Fresh<T>> {
  try {
    const value = await json<T>("GET", path, { person });
    await ifRoom(keep(person, name, value));
    return { value, at: Date.now(), fresh: true };
  } catch (error) {
    const old = silent(error) ? await kept<T>(person, name) : null;
    if (old) return old;
    throw error;
  }
}

function silent(error: unknown): boolean {
  const status = error instanceof AppProblem ? (error.trouble.status ?? 0) : 0;
  return error instanceof Offline || status === 401 || status >= 500;
}
