// A page of their own for the counting screens: the real elements over the real database of the phone, and a desk that keeps what is
// reported in the outbox unsigned, so that the tests can read it. The kit and the language come in the address.
import type { Desk, Kept, ReportDraft, Stage } from "../src/app/facts";
import { all, put } from "../src/app/database";
import "../src/count/elements";
import { uploadWaiting } from "../src/count/uploads";

const asked = new URLSearchParams(location.search);

const desk: Desk = {
  person: "p",
  network: "n",
  level: Number(asked.get("level") ?? 1),
  settings: { spoken: false, haptic: false },
  async report(draft: ReportDraft): Promise<Kept> {
    const made_at = Date.now();
    const kept = { id: crypto.randomUUID(), sheet: draft.sheet, stage: draft.stage, draft, made_at, way: "kept" } as Kept;
    await put("outbox", kept);
    return kept;
  },
  async newest(sheet: string, stage: Stage): Promise<Kept | null> {
    const own = (await all<Kept>("outbox")).filter((kept) => kept.sheet === sheet && kept.stage === stage);
    return own.sort((a, b) => b.made_at - a.made_at)[0] ?? null;
  },
  send() {
    document.documentElement.dataset["sends"] = String(Number(document.documentElement.dataset["sends"] ?? 0) + 1);
  },
};

await put("profiles", { person: desk.person });
const kit: unknown = await (await fetch("/kit.json")).json();
const name = asked.get("screen") ?? "count-progress";
const element = document.createElement(name);
Object.assign(element, { kit, desk, ballot: asked.get("ballot") ?? undefined, stage: asked.get("stage") ?? undefined });
for (const event of ["count-close", "count-final", "count-kept"]) {
  element.addEventListener(event, (heard) => {
    document.documentElement.dataset["heard"] = `${event} ${JSON.stringify((heard as CustomEvent).detail)}`;
  });
}
document.querySelector("main")?.replaceChildren(element);
const access = { token: async () => asked.get("token"), signal: new AbortController().signal, metered: () => asked.get("metered") === "yes" };
Object.assign(globalThis, { upload: () => uploadWaiting(access) });
Object.assign(globalThis, { reports: () => all("outbox"), drafts: () => all("drafts"), photographs: () => all("photographs") });
// Lets every photograph that waits go at once.
Object.assign(globalThis, {
  soon: async () => {
    for (const photo of await all<{ sha256: string }>("photographs")) await put("photographs", { ...photo, next_at: 0 });
  },
});
