// Signing in with a code: who was known before on this phone comes back to the same profile and the same key.
import { keep } from "./asking";
import { put } from "./database";
import { AppProblem, type Profile } from "./facts";
import { keepForGood } from "./installing";
import { enrol, welcome, type Me } from "./profiles";
import { hurry } from "./sending";
import { json } from "./wire";

export interface Begun {
  handle: string;
}

export interface Network {
  id: string;
  name: { th: string; en: string };
  short?: { th: string; en: string };
  colour?: string;
  open?: boolean;
}

export async function networks(): Promise<Network[]> {
  const found = await json<{ networks: Network[] } | Network[]>("GET", "/v1/networks");
  return Array.isArray(found) ? found : found.networks;
}

/** Thai digits and spaces are what people type; the server normalises the rest. */
export function plainDigits(typed: string): string {
  return typed.replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0x0e50)).trim();
}

export function begin(network: string, phone: string): Promise<Begun> {
  return json<Begun>("POST", "/v1/sign-in", { body: { network, phone: plainDigits(phone) } });
}

export async function enterCode(handle: string, code: string): Promise<Profile> {
  const said = await json<{ state?: string }>("POST", "/v1/sign-in/code", { body: { handle, code: plainDigits(code).replace(/\D/g, "") } });
  if (said?.state === "waiting") throw new AppProblem(WAITING);
  return arrive();
}

/** The browser has a session now: that is noted first. The person becomes a profile of this phone, and what waited for them goes out. */
export async function arrive(): Promise<Profile> {
  const me = await json<Me>("GET", "/v1/me", { person: "" });
  await put("settings", { name: "session", value: me.person });
  let profile = await welcome(me);
  await keep(me.person, "me", me);
  // Some browsers ask the person, who may have no mind for that now.
  void keepForGood().catch(() => undefined);
  if (profile.trained && !profile.token && !profile.revoked) profile = await enrol(profile).catch(() => profile);
  await hurry();
  return profile;
}

export async function leave(): Promise<void> {
  await json("POST", "/v1/sign-out");
  await put("settings", { name: "session", value: "" });
}

const WAITING = {
  code: "phone.waiting",
  title: { th: "เบอร์ของคุณยืนยันแล้ว รอเครือข่ายอนุมัติ", en: "Your number is proved. The network approves next." },
  detail: { th: "เมื่ออนุมัติแล้ว กลับมาเข้าใช้ด้วยเบอร์เดิมได้เลย", en: "Once it has, come back and sign in with the same number." },
};
