// The persons of this phone: one or, on a family's phone, several. Each has a key of its own; one of them is at work.
import { NOT_BEGUN, type PhotographKept } from "../count/photos";
import { all, change, drop, get, put, type Store } from "./database";
import { AppProblem, type Errand, type Kept, type Profile } from "./facts";
import { makeKey, signAsk, type DeviceKey } from "./keys";
import { json } from "./wire";

export interface Me {
  person: string;
  network: string;
  network_name?: Profile["network_name"];
  name: string;
  level: number;
  trained_at?: string | null;
  [more: string]: unknown;
}

export async function current(): Promise<Profile | null> {
  const chosen = await get<{ value: string }>("settings", "current");
  const profiles = await all<Profile>("profiles");
  return profiles.find((one) => one.person === chosen?.value) ?? profiles[0] ?? null;
}

/** Whose session this browser has, as far as this phone knows. */
export async function signedIn(): Promise<string | undefined> {
  return (await get<{ value: string }>("settings", "session"))?.value;
}

export function choose(person: string): Promise<void> {
  return put("settings", { name: "current", value: person });
}

/** Who signed in here: kept as a profile with a key of its own, made once. */
export async function welcome(me: Me): Promise<Profile> {
  const fresh = await makeKey();
  const kept = await change<Profile>("profiles", me.person, (old) => ({
    seq: 0,
    token: null,
    until: null,
    revoked: false,
    ...fresh,
    ...old,
    person: me.person,
    network: me.network,
    network_name: me.network_name ?? old?.network_name ?? { th: me.network, en: me.network },
    name: me.name,
    level: me.level,
    trained: Boolean(me.trained_at) || (old?.trained ?? false),
  }));
  await choose(me.person);
  return kept as Profile;
}

interface Enrolled {
  kid: string;
  network: string;
  level: number;
  token: string;
  until: string;
}

/** Enrols the key of a person who is signed in and trained. Asking again gives the same device, so a lost answer costs nothing. */
export async function enrol(profile: Profile): Promise<Profile> {
  return (await updateKey(profile, await admitted(profile, profile.person))) ?? profile;
}

const USELESS = new Set(["people.device_taken", "people.device_revoked", "people.enrolment_unreadable", "people.enrolment_unsigned"]);

async function admitted(key: DeviceKey, person: string): Promise<Pick<Profile, "token" | "until" | "enrolled" | "revoked">> {
  const raw = { text: await signAsk(key), type: "application/jose" };
  const { token, until, level } = await json<Enrolled>("POST", "/v1/me/devices", { raw, person });
  return { token, until, enrolled: level, revoked: false };
}

/**
 * After a device was declared lost, its person begins anew here with another key. The numbers go on: they tell what was written last.
 * The old key stays until the server knows the new one, which is on the disk before: after a lost answer the same one is asked for again.
 */
export async function renew(profile: Profile): Promise<Profile> {
  const made = await makeKey();
  const waits = await change<Profile>("profiles", profile.person, (old) => (old ? { ...old, next: old.next ?? made } : null));
  const { kid, keys } = waits?.next ?? made;
  const device = await admitted({ kid, keys }, profile.person).catch(async (error: unknown) => {
    // No to this key: another one is made the next time. Any other answer says nothing of it, and it may be enrolled already.
    if (error instanceof AppProblem && USELESS.has(error.trouble.code)) await update(profile.person, { next: undefined });
    throw error;
  });
  const renewed = await update(profile.person, { kid, keys, ...device, next: undefined });
  await inherit(profile.kid, kid);
  return renewed ?? profile;
}

interface Drafted {
  key: string;
}

/** What was being counted or typed goes on under the new key, and photographs that have not arrived are sent with it. */
async function inherit(from: string, to: string): Promise<void> {
  for (const draft of (await all<Drafted>("drafts")).filter(({ key }) => key.startsWith(`${from}/`))) {
    await put("drafts", { ...draft, key: to + draft.key.slice(from.length) });
    await drop("drafts", draft.key);
  }
  for (const photo of (await all<PhotographKept>("photographs")).filter(({ kid }) => kid === from)) {
    const { small, original } = photo.journeys;
    // An upload belongs to the device that began it.
    const journeys = { small: small.done ? small : NOT_BEGUN, original: original.done ? original : NOT_BEGUN };
    await put("photographs", { ...photo, kid: to, journeys, next_at: 0 });
  }
}

/** Takes everything of a person off this phone. What others who use it keep here stays. */
export async function forget({ person, kid }: Profile): Promise<void> {
  const own = (await all<Kept>("outbox")).filter((one) => one.person === person);
  const kids = new Set([kid, ...own.map((one) => one.kid)]);
  const gone: [Store, string][] = [
    ...own.flatMap(({ id }): [Store, string][] => [["outbox", id], ["receipts", id]]),
    ...(await all<Drafted>("kept")).filter(({ key }) => key.startsWith(`${person}/`)).map(({ key }): [Store, string] => ["kept", key]),
    ...(await all<Errand>("errands")).filter((one) => one.person === person).map(({ id }): [Store, string] => ["errands", id]),
    ...(await all<Drafted>("drafts")).filter(({ key }) => kids.has(key.split("/")[0] ?? "")).map(({ key }): [Store, string] => ["drafts", key]),
    ...(await all<PhotographKept>("photographs")).filter((one) => kids.has(one.kid)).map(({ sha256 }): [Store, string] => ["photographs", sha256]),
    ["profiles", person],
  ]; // prettier-ignore
  if ((await signedIn()) === person) gone.push(["settings", "session"]);
  for (const [store, key] of gone) await drop(store, key);
  await choose((await all<Profile>("profiles"))[0]?.person ?? "");
}

export function update(person: string, changes: Partial<Profile>): Promise<Profile | undefined> {
  return change<Profile>("profiles", person, (old) => (old ? { ...old, ...changes } : null));
}

/** Changes what an answer said of a key. One that comes after another key took its place says nothing of that one. */
export function updateKey({ person, kid }: Profile, changes: Partial<Profile>): Promise<Profile | undefined> {
  return change<Profile>("profiles", person, (old) => (old?.kid === kid ? { ...old, ...changes } : null));
}

/** Takes the next number of a device; a number is never given twice. */
export async function nextSeq(person: string): Promise<Profile> {
  const profile = await change<Profile>("profiles", person, (old) => (old ? { ...old, seq: old.seq + 1 } : null));
  if (!profile) throw new AppProblem({ code: "phone.nobody", title: { th: "ยังไม่มีใครเข้าใช้ในเครื่องนี้", en: "Nobody is signed in on this phone" } });
  return profile;
}
