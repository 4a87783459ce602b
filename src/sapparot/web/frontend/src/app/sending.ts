// One round of sending, for every tab and the service worker: only one of them sends at a time.
import { all, change, get, isFull, put } from "./database";
import { Damaged } from "../check/bytes";
import type { PhotographKept } from "../count/photos";
import { AppProblem, type Access, type Errand, type Kept, type Profile, type Trouble } from "./facts";
import { ifRoom, mark, waiting } from "./marking";
import { answered, BATCH, delayed, due, linesIn, ripe, wait } from "./outbox";
import { enrol, renew, signedIn, update, updateKey } from "./profiles";
import { inTurn } from "./turns";
import { ask, json, Offline, onThisLine, saidSo, troubleIn, type Answer } from "./wire";

const LOCK = "sapparot-send";
const now = Date.now;
/** What follows the reports: receipts, states of sheets. The worker of the browser does only what it must. */
export const afterwards: (() => Promise<void>)[] = [];

/** Sends what is due; returns false when there was no network. Rounds that are asked for meanwhile wait for their turn; `first` is done when it has come. */
export async function sendRound(first: () => Promise<void> = async () => undefined): Promise<boolean> {
  return inTurn(LOCK, () => turn(first));
}

async function turn(first: () => Promise<void>): Promise<boolean> {
  const signal = onThisLine();
  // Figures go first: no check-in that meets a dead network holds a report back. What an errand makes ready to go follows it.
  const steps = [first, sendReports, sendErrands, enrolWhoMay, sendReports, sendCarried, ...afterwards];
  let reached = true;
  for (const step of steps) {
    try {
      await step();
      if (signal.aborted) throw new Offline("the line is another one");
    } catch (error) {
      if (error instanceof Offline) reached = false;
      else if (!(error instanceof AppProblem) && !(error instanceof Damaged) && !isFull(error)) throw error;
    }
    if (!reached) break;
  }
  // Without a network everything that was due waits alike, whoever wrote it: one person's report holds up nobody else's again and again.
  // Where nobody has a token nothing was tried: what waits for somebody to sign in goes on saying so.
  if (!reached && (await senders()).length > 0) await postpone(due(await waiting<Kept>("outbox"), now()), null);
  await ifRoom(put("settings", { name: "reached", value: reached, at: now() }));
  return reached;
}

/** For photographs, which have turns of their own: one that hangs holds no report back. */
export function accessNow(): Access {
  return { token: tokenOf, signal: onThisLine(), metered };
}

function metered(): boolean {
  const line = (navigator as { connection?: { saveData?: boolean; type?: string } }).connection;
  return Boolean(line?.saveData) || line?.type === "cellular";
}

async function tokenOf(person: string): Promise<string | null> {
  return (await get<Profile>("profiles", person))?.token ?? null;
}

// Reports ------------------------------------------------------------------------------------------------------------------------------

async function sendReports(): Promise<void> {
  await sendAll((one) => one.person !== "");
}

/** What is carried for others goes in bodies of its own, after the reports of everybody who uses this phone. */
async function sendCarried(): Promise<void> {
  await sendAll((one) => one.person === "");
}

/** Who may send: for herself, and for those of this phone who may not. */
async function senders(): Promise<Profile[]> {
  return (await all<Profile>("profiles")).filter((one) => one.token);
}

async function sendAll(which: (one: Kept) => boolean): Promise<void> {
  const profiles = await senders();
  const carrier = profiles.find((one) => !one.revoked);
  const ready = due((await waiting<Kept>("outbox")).filter(which), now());
  for (const profile of profiles) {
    const some = ready.filter((one) => one.kid === profile.kid || (profile === carrier && !profiles.some((other) => other.kid === one.kid)));
    for (let at = 0; at < some.length; at += BATCH) await sendBody(profile, some.slice(at, at + BATCH));
  }
}

async function sendBody(profile: Profile, reports: Kept[]): Promise<void> {
  const text = reports.map((one) => one.jws).join("\n");
  await Promise.all(reports.map((one) => mark<Kept>("outbox", one.id, (old) => (old.way === "kept" ? { ...old, way: "sent" } : null))));
  const answer = await ask("POST", "/v1/reports", { raw: { text, type: "application/jose" }, token: profile.token ?? "", seconds: 45 });
  const lines = linesIn(answer.body, reports.length);
  if (lines) {
    for (const [place, line] of lines.entries()) {
      await mark<Kept>("outbox", reports[place]?.id ?? "", (old) => (old.way === "kept" || old.way === "sent" ? answered(old, line, now()) : null));
    }
    return;
  }
  await whole(profile, reports, answer);
}

/** The server answered the body as a whole: nothing of it was kept there. */
async function whole(profile: Profile, reports: Kept[], answer: Answer): Promise<void> {
  const trouble = troubleIn(answer);
  if (trouble.code.endsWith("device_revoked")) {
    await updateKey(profile, { revoked: true });
    // Who carries was revoked; what it carries for others is as good as before.
    await refuse(reports.filter((one) => one.kid === profile.kid), trouble);
    await postpone(reports.filter((one) => one.kid !== profile.kid), answer.retry);
  } else if (answer.status === 401 && saidSo(trouble)) {
    await updateKey(profile, { token: null });
    await postpone(reports, answer.retry, trouble);
  } else if (answer.status === 413 && reports.length > 1) {
    const middle = Math.ceil(reports.length / 2);
    await sendBody(profile, reports.slice(0, middle));
    await sendBody(profile, reports.slice(middle));
  } else if (answer.status === 413) {
    await refuse(reports, trouble);
  } else {
    await postpone(reports, answer.retry, answer.status >= 500 || answer.status === 429 ? undefined : trouble);
  }
}

async function postpone(reports: Kept[], retry: number | null, trouble?: Trouble): Promise<void> {
  for (const one of reports) {
    await mark<Kept>("outbox", one.id, (old) => {
      const waits = old.way === "kept" || old.way === "sent";
      return waits ? { ...delayed(old, now(), wait(old.tries, retry, Math.random()), trouble), told_to_wait: retry !== null } : null;
    });
  }
}

async function refuse(reports: Kept[], trouble: Trouble): Promise<void> {
  for (const one of reports) {
    await mark<Kept>("outbox", one.id, (old) => ({ ...old, way: "refused", trouble, moved_at: now() }));
  }
}

/** After signing in again, or when a person asks: everything that waits goes at once. */
export async function hurry(): Promise<void> {
  await hasten(() => true);
}

/** There is a network again: what waited only for that goes at once; what the server has asked to wait does so. */
export async function backOnline(): Promise<void> {
  await hasten((one) => !one.told_to_wait);
}

async function hasten(may: (one: Kept) => boolean): Promise<void> {
  const open = (one: Kept): boolean => (one.way === "kept" || one.way === "sent" || one.way === "accepted") && one.next_at > 0 && may(one);
  for (const one of await waiting<Kept>("outbox")) if (open(one)) await mark<Kept>("outbox", one.id, (old) => ({ ...old, next_at: 0 }));
  for (const one of await waiting<Errand>("errands")) if (!one.done) await mark<Errand>("errands", one.id, (old) => ({ ...old, next_at: 0 }));
  await hastenPhotographs();
}

async function hastenPhotographs(): Promise<void> {
  for (const { sha256, next_at } of await all<PhotographKept>("photographs")) {
    if (next_at) await ifRoom(change<PhotographKept>("photographs", sha256, (old) => (old ? { ...old, next_at: 0 } : null)));
  }
}

// Errands ------------------------------------------------------------------------------------------------------------------------------

/** Small requests of the person who is signed in; those of others wait until they are. */
async function sendErrands(): Promise<void> {
  const ready = (await waiting<Errand>("errands")).filter((one) => !one.done && ripe(one, now()));
  if (ready.length === 0) return;
  const signed = await signedIn();
  for (const one of ready.filter((errand) => errand.person === signed).sort((a, b) => a.made_at - b.made_at)) await run(one);
}

/** Takes another key in the place of one that was revoked; photographs that waited for one go at once. */
export async function renewKey(profile: Profile): Promise<void> {
  await renew(profile);
  await hastenPhotographs();
}

/** Who passed the quiz and is signed in gets a token as soon as there is a network; an expired one is replaced. A renewal that was cut off goes on. */
async function enrolWhoMay(): Promise<void> {
  const signed = await signedIn();
  const profile = (await all<Profile>("profiles")).find((one) => one.person === signed);
  if (profile?.next) return renewKey(profile);
  if (!profile?.trained || profile.revoked || profile.token) return;
  const owes = (await waiting<Errand>("errands")).some((one) => one.kind === "training" && one.person === signed && !one.done);
  if (!owes) await enrol(profile);
}

async function run(errand: Errand): Promise<void> {
  try {
    const said = await json<{ passed?: boolean } | null>("POST", errand.path, { body: errand.body, person: errand.person });
    if (errand.kind === "training" && said?.passed) await update(errand.person, { trained: true });
    const failed = errand.kind === "training" && said?.passed === false;
    await mark<Errand>("errands", errand.id, (old) => ({ ...old, done: true, trouble: failed ? NOT_PASSED : undefined }));
  } catch (error) {
    if (!(error instanceof AppProblem)) throw error;
    const status = error.trouble.status ?? 500;
    const final = saidSo(error.trouble) && status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
    await mark<Errand>("errands", errand.id, (old) => {
      return { ...old, done: final, trouble: error.trouble, tries: old.tries + 1, moved_at: now(), next_at: now() + wait(old.tries, null, Math.random()) };
    });
  }
}

/** Said to who answered the quiz without a network; who answers with one sees what is right at once. */
const NOT_PASSED = {
  code: "phone.quiz_not_passed",
  title: { th: "คำตอบที่เก็บไว้ส่งถึงแล้ว แต่ยังไม่ผ่าน ทำอีกครั้งได้เลย", en: "The answers that you kept have arrived, but they do not pass yet. Please try once more." },
};
