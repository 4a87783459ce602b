// The persons of this phone: one or, on a family's phone, several. Each has a key of its own; one of them is at work.
import { all, change, get, put, putWhile, sweep, type Store } from "./database";
import { AppProblem, type Profile } from "./facts";
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
 * The old key stays until the server knows the new one, which is on the disk before: after a lost answer the same one is asked for again,
 * and a phone that died meanwhile asks by itself. What is counted, typed and photographed is the person's, under whatever key.
 */
export async function renew(profile: Profile): Promise<Profile> {
  const made = await makeKey();
  const asks = await change<Profile>("profiles", profile.person, (old) => (old?.kid === profile.kid ? { ...old, next: old.next ?? made } : null));
  const next = asks?.next;
  // Another window was faster.
  if (!next) return asks ?? profile;
  const settle = (changes: Partial<Profile>): Promise<Profile | undefined> =>
    change<Profile>("profiles", profile.person, (old) => (old?.next?.kid === next.kid ? { ...old, ...changes, next: undefined } : null));
  const device = await admitted(next, profile.person).catch(async (error: unknown) => {
    // No to this key: another one is made the next time. Any other answer says nothing of it, and it may be enrolled already.
    if (error instanceof AppProblem && USELESS.has(error.trouble.code)) await settle({});
    throw error;
  });
  return (await settle({ ...next, ...device })) ?? profile;
}

/** Keeps something of a person while it is on this phone: what comes after another window has emptied it is said to be lost, and leaves nothing. */
export async function keepFor(person: string, store: Store, value: unknown): Promise<void> {
  if (!(await putWhile(["profiles", person], store, value))) throw new AppProblem(NOBODY);
}

export const NOBODY = { code: "phone.nobody", title: { th: "ยังไม่มีใครเข้าใช้ในเครื่องนี้", en: "Nobody is signed in on this phone" } };

/** Takes everything of a person off this phone, in one step: a window that saves meanwhile comes before it or finds nobody. What others who use it keep here stays. */
export async function forget({ person }: Profile): Promise<void> {
  const own = new Set<string>();
  await sweep(["outbox", "photographs", "receipts", "kept", "errands", "drafts", "settings", "profiles"], (store, value) => {
    const { id = "", sha256 = "", key = "", name = "", ...of } = value as { id?: string; sha256?: string; key?: string; name?: string; person?: string; value?: unknown };
    if (store === "receipts") return own.has(id);
    if (store === "kept" || store === "drafts") return key.startsWith(`${person}/`);
    if (store === "settings") return name === "session" && of.value === person;
    if (of.person !== person) return false;
    own.add(id || sha256);
    return true;
  });
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
  if (!profile) throw new AppProblem(NOBODY);
  return profile;
}
