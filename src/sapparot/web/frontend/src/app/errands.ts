// Small requests that wait for a network: made here, kept on the disk, sent by the round.
import { all, putWhile } from "./database";
import type { Errand } from "./facts";
import { uuid7 } from "./keys";
import { send } from "./pump";

export async function leaveErrand(person: string, kind: Errand["kind"], path: string, body: (id: string) => unknown): Promise<Errand> {
  const id = uuid7(Date.now());
  const errand: Errand = { id, person, kind, path, body: body(id), made_at: Date.now(), tries: 0, next_at: 0, done: false };
  await putWhile(["profiles", person], "errands", errand);
  send();
  return errand;
}

export async function errandsOf(person: string, kind: Errand["kind"]): Promise<Errand[]> {
  return (await all<Errand>("errands")).filter((one) => one.person === person && one.kind === kind).sort((a, b) => b.made_at - a.made_at);
}
