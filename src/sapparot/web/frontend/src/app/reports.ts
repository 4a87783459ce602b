// A report is made here: signed once, and on the disk before anybody is told that it is saved.
import { all, change, get, isFull } from "./database";
import { canonical, type Json } from "./canonical";
import { AppProblem, type Kept, type KeptKit, type Profile, type ReportDraft, type Stage, type StationKit } from "./facts";
import { signReport, uuid7 } from "./keys";
import { latest } from "./outbox";
import { keepFor, nextSeq } from "./profiles";

export const APP = "web/1.0";
const LARGEST = 16_384;

/** The time by the phone with its own offset (RFC 3339), as reports carry it. */
export function observed(now: number): string {
  const east = -new Date(now).getTimezoneOffset();
  const two = (part: number) => String(Math.trunc(part)).padStart(2, "0");
  const offset = `${east < 0 ? "-" : "+"}${two(Math.abs(east) / 60)}:${two(Math.abs(east) % 60)}`;
  return `${new Date(now + east * 60_000).toISOString().slice(0, 19)}${offset}`;
}

export function payload(draft: ReportDraft, id: string, election: string, profile: Pick<Profile, "seq" | "place">, now: number): Json {
  const { observed_at, replaces, ...said } = draft;
  return {
    ...(said as unknown as { [name: string]: Json }),
    v: 1,
    id,
    election,
    seq: profile.seq,
    app: APP,
    observed_at: observed_at ?? observed(now),
    replaces: replaces ?? null,
    ...(profile.place && { place: [...profile.place] }),
  };
}

/** Signs and stores; resolves when the disk has it. */
export async function make(person: string, election: string, draft: ReportDraft, now: number): Promise<Kept> {
  const id = uuid7(now);
  const profile = await nextSeq(person).catch(whenFull);
  const said = payload(draft, id, election, profile, now);
  if (canonical(said).length > LARGEST) throw new AppProblem({ code: "phone.too_long", title: { th: "รายงานยาวเกินไป", en: "The report is too long" } });
  const jws = await signReport(profile, said);
  const kept: Kept = {
    id,
    jws,
    kid: profile.kid,
    person,
    election,
    sheet: draft.sheet,
    stage: draft.stage,
    draft,
    seq: profile.seq,
    way: "kept",
    made_at: now,
    moved_at: now,
    tries: 0,
    next_at: 0,
  };
  await keepFor(person, "outbox", kept).catch(whenFull);
  return kept;
}

/** The same figures under a new id: for a report whose id somebody else used, or that may be signed again. */
export async function again(old: Kept, now: number): Promise<Kept> {
  const made = await make(old.person, old.election, { ...old.draft, observed_at: old.draft.observed_at ?? observed(old.made_at) }, now);
  await change<Kept>("outbox", old.id, (kept) => (kept ? { ...kept, again: made.id } : null));
  return made;
}

/** What this person wrote last about a sheet, whatever the clock said meanwhile. */
export async function newest(person: string, sheet: string, stage: Stage): Promise<Kept | null> {
  const own = (await all<Kept>("outbox")).filter((one) => one.person === person && one.sheet === sheet && one.stage === stage);
  return latest(own, (await get<Profile>("profiles", person))?.kid) ?? null;
}

export async function kit(station: string): Promise<StationKit | null> {
  return (await get<KeptKit>("kits", station))?.kit ?? null;
}

function whenFull(error: unknown): never {
  if (isFull(error)) {
    throw new AppProblem({
      code: "phone.full",
      title: {
        th: "พื้นที่ในเครื่องเต็ม รายงานนี้ยังไม่ได้บันทึก",
        en: "This phone is full. The report is not saved yet.",
      },
      detail: {
        th: "ตัวเลขที่พิมพ์ยังอยู่บนหน้าจอ ลบรูปหรือแอปที่ไม่ใช้สักหนึ่งอย่าง แล้วกดบันทึกอีกครั้ง",
        en: "What you typed is still on the screen. Delete a picture or an app that you do not need, then save again.",
      },
    });
  }
  throw error;
}
