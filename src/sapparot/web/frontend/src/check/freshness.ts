// Whether a checkpoint still stands: the newest one must contain it, and so must everything that this browser saw before.
import { base64, same } from "./bytes";
import { consistent, type Head } from "./merkle";
import type { Tiles } from "./tiles";
import { fails, holds, type Finding } from "./steps";

/** Tells by the tiles of the newest log whether it begins with an older one. */
export async function contains(then: Head, now: Head, tiles: Tiles): Promise<boolean> {
  if (then.size > now.size) return false;
  return consistent(then, now, await tiles.consistency(then.size));
}

/** `then` is what the entry rests on, `seen` the newest head that this browser kept from an earlier visit. */
export async function stillStands(then: Head, now: Head, seen: Head | null, tiles: Tiles): Promise<Finding> {
  const details: Finding["details"] = [
    ["size_then", String(then.size)],
    ["root_then", base64(then.root)],
    ["size_now", String(now.size)],
    ["root_now", base64(now.root)],
  ];
  const values = { then: then.size, now: now.size, more: now.size - then.size };
  for (const old of seen ? [then, seen] : [then]) {
    if (old.size > now.size) return fails("newest.shrunk", { then: old.size, now: now.size }, details);
    if (old.size === now.size && !same(old.root, now.root)) return fails("newest.fork", { now: now.size }, details);
    if (!(await contains(old, now, tiles))) return fails("newest.rewritten", { then: old.size, now: now.size }, details);
  }
  const word = then.size === now.size ? "newest.same" : "newest.grown";
  return holds(seen ? `${word}.seen` : word, { ...values, seen: seen?.size ?? 0 }, details);
}
