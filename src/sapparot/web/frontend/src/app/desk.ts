// What the shell gives to the elements that count.
import { get } from "./database";
import type { Desk, Profile } from "./facts";
import { send } from "./pump";
import { make, newest } from "./reports";

export async function deskOf(profile: Profile, election: string): Promise<Desk> {
  const [spoken, haptic] = await Promise.all(["spoken", "haptic"].map((name) => get<{ value: boolean }>("settings", name)));
  return {
    person: profile.person,
    network: profile.network,
    level: profile.level,
    settings: { spoken: spoken?.value ?? false, haptic: haptic?.value ?? true },
    report: (draft) => make(profile.person, election, draft, Date.now()),
    newest: (sheet, stage) => newest(profile.person, sheet, stage),
    send,
  };
}
