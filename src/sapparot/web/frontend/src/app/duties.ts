// Duties, check-ins and training as the phone keeps them.
import { asked, keep, kept, type Fresh } from "./asking";
import { fetchChannels } from "./channels";
import { errandsOf, leaveErrand } from "./errands";
import type { Duty, Text } from "./facts";
import { observed } from "./reports";
import { fetchKit } from "./stations";
import { json } from "./wire";

export const STANDING = new Set(["offered", "accepted", "done"]);

export async function dutiesOf(person: string): Promise<Fresh<Duty[]>> {
  const { value, at, fresh } = await asked<{ duties: Duty[] } | Duty[]>(person, "duties", "/v1/me/duties");
  const duties = (Array.isArray(value) ? value : value.duties).filter((one) => STANDING.has(one.state));
  // What one needs to count there comes onto the phone as soon as the duty is known.
  if (fresh) await Promise.all([...duties.map((one) => fetchKit(placeOf(one))), fetchChannels(person), news(person)].map((one) => one.catch(() => undefined)));
  return { value: duties, at, fresh };
}

/** Announcements can be read without a network even before their screen was opened with one. */
async function news(person: string): Promise<void> {
  if (!(await kept(person, "messages"))) await asked(person, "messages", "/v1/me/messages");
}

export function placeOf(duty: Duty): string {
  return duty.place;
}

export function jobName(job: string): [string, string] {
  const names: Record<string, [string, string]> = {
    progress: ["คะแนนระหว่างนับ", "Progress while counting"],
    final: ["ผลสุดท้ายและภาพถ่าย", "Final figures and photographs"],
    official: ["ตัวเลขทางการ", "Official figures"],
    reading: ["อ่านภาพถ่าย", "Reading photographs"],
  };
  return names[job] ?? [job, job];
}

/** Guards a place, with every job there that has room. */
export async function takeDuty(place: string): Promise<void> {
  await json("POST", "/v1/me/duties", { body: { place } });
}

export async function answerDuty(duty: Duty, answer: "accept" | "decline"): Promise<void> {
  await json("POST", `/v1/me/duties/${duty.id}/answer`, { body: { answer } });
}

/** Duties by place: one visit may hold several jobs. */
export function byPlace(duties: Duty[]): Map<string, Duty[]> {
  const places = new Map<string, Duty[]>();
  for (const one of duties) places.set(placeOf(one), [...(places.get(placeOf(one)) ?? []), one]);
  return places;
}

export async function dropDuty(duty: Duty, reason: string): Promise<void> {
  await json("POST", `/v1/me/duties/${duty.id}/drop`, { body: { reason } });
}

export interface CheckIn {
  at: number;
  sent: boolean;
  trouble?: Text;
}

export async function checkIn(person: string, station: string, place: [number, number] | null): Promise<void> {
  const at = Date.now();
  await leaveErrand(person, "check-in", "/v1/me/check-ins", (id) => ({
    check_ins: [{ id, station, at: observed(at), lat: place?.[0] ?? null, lon: place?.[1] ?? null }],
  }));
  await keep(person, `check-in/${station}`, { at });
}

export async function checkedIn(person: string, station: string): Promise<CheckIn | null> {
  const mine = await kept<{ at: number }>(person, `check-in/${station}`);
  if (!mine) return null;
  const errand = (await errandsOf(person, "check-in")).find((one) => JSON.stringify(one.body).includes(JSON.stringify(station)));
  return { at: mine.value.at, sent: errand?.done === true && !errand.trouble, ...(errand?.done && errand.trouble && { trouble: errand.trouble.title }) };
}
