// Photographs that this phone keeps until the server has them. No screen: the page and the service worker both use it.
import { all, change, changeWhile, drop, where } from "../app/database";
import { AppProblem, type Kept, type Photograph, type Trouble } from "../app/facts";
import { NOBODY } from "../app/profiles";
import type { Fault } from "./looking";

/** Where one file of a photograph is on its way to the server. */
export interface Journey {
  readonly address: string | null;
  readonly offset: number;
  readonly done: boolean;
}

export const NOT_BEGUN: Journey = { address: null, offset: 0, done: false };

export interface PhotographKept {
  /** Of the original's bytes, in 64 small hexadecimal digits. */
  readonly sha256: string;
  readonly person: string;
  readonly sheet: string;
  readonly role: string;
  readonly page?: number;
  readonly size: number;
  /** Null once the server has it: the phone needs the room. */
  readonly original: Blob | null;
  /** A copy of some 200 kB that goes first; null where the phone could not read the picture. */
  readonly small: Blob | null;
  readonly small_sha256: string | null;
  readonly faults: readonly Fault[];
  readonly made_at: number;
  readonly state: "kept" | "sending" | "small" | "done" | "refused";
  readonly journeys: { readonly small: Journey; readonly original: Journey };
  /** The volunteer wants the original to go now, whatever the network costs. */
  readonly wanted: boolean;
  /** Another one was taken in its place; it only stays because a report names it. */
  readonly put_aside: boolean;
  readonly next_at: number;
  readonly tries: number;
  readonly trouble?: Trouble;
  /** The place of its entry in the public log, once this phone has proved it. */
  readonly proved?: number;
}

/** The photographs of a sheet, in the order of the form. */
export async function photographsOf(person: string, sheet: string): Promise<PhotographKept[]> {
  const found = await where<PhotographKept>("photographs", "sheet", sheet);
  return found.filter((photo) => photo.person === person && !photo.put_aside).sort(inOrder);
}

function inOrder(a: PhotographKept, b: PhotographKept): number {
  const place = ({ role }: PhotographKept): number => (role === "form" ? 0 : role === "board" ? 1 : 2);
  return place(a) - place(b) || (a.page ?? 0) - (b.page ?? 0) || a.made_at - b.made_at;
}

/** How a report names them: each by its original, with the small copy that arrives before it (docs/formats/evidence.md). */
export function evidenceOf(photos: readonly PhotographKept[]): Photograph[] {
  return photos.map(({ role, page, sha256, small_sha256 }) => {
    return { role, ...(page === undefined ? {} : { page }), sha256, ...(small_sha256 ? { small: small_sha256 } : {}) };
  });
}

/** Keeps a photograph of somebody who is on this phone. The same bytes again change only what they show. */
export async function keep(photo: PhotographKept): Promise<void> {
  const kept = await changeWhile<PhotographKept>(["profiles", photo.person], "photographs", photo.sha256, (old) => {
    if (!old || old.person !== photo.person || old.sheet !== photo.sheet) return photo;
    const { role, page } = photo;
    return { ...old, role, ...(page === undefined ? {} : { page }), put_aside: false };
  });
  if (!kept) throw new AppProblem(NOBODY);
}

/** Takes a photograph off its form: away, unless a report has named it. */
export async function putAside(photo: PhotographKept): Promise<void> {
  const reports = await all<Kept>("outbox");
  if (reports.some(({ draft }) => draft?.evidence?.some(({ sha256 }) => sha256 === photo.sha256))) await change<PhotographKept>("photographs", photo.sha256, (old) => (old ? { ...old, put_aside: true } : null));
  else await drop("photographs", photo.sha256);
}

/** Lets the original go now, on whatever network. */
export async function wantNow(sha256: string): Promise<void> {
  await change<PhotographKept>("photographs", sha256, (old) => (old ? { ...old, wanted: true, next_at: 0 } : null));
}
