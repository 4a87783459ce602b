// What the check says: six steps, each with a state, the sentence for it and what it rests on.
import { Damaged } from "./bytes";
import { Missing } from "./tiles";

export const STEPS = ["entry", "path", "log", "cosigners", "newest", "author"] as const;
export type StepName = (typeof STEPS)[number];
/** "none": the step has nothing to say about this kind of entry. */
export type State = "waiting" | "holds" | "false" | "unknown" | "none";
export type Values = Record<string, string | number>;

/** `word` names a sentence that the page holds in its language; `details` are pairs of a word and a value. */
export interface Finding {
  state: State;
  word: string;
  values: Values;
  details: [string, string][];
}

export type Tell = (step: StepName, finding: Finding) => void;

export function holds(word: string, values: Values = {}, details: Finding["details"] = []): Finding {
  return { state: "holds", word, values, details };
}

export function fails(word: string, values: Values = {}, details: Finding["details"] = []): Finding {
  return { state: "false", word, values, details };
}

export function unknown(word: string, values: Values = {}, details: Finding["details"] = []): Finding {
  return { state: "unknown", word, values, details };
}

export function needless(word: string): Finding {
  return { state: "none", word, values: {}, details: [] };
}

/** The network failed, or the server. */
export class Away extends Error {}

/** Runs a step. What is damaged does not hold; what cannot be reached cannot be judged. */
export async function guarded(work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Away) return unknown("away");
    if (error instanceof Missing) return unknown("missing");
    if (error instanceof Damaged) return fails("damaged");
    throw error;
  }
}

export type Verdict = "holds" | "alone" | "false" | "unknown";

/** All steps together. Cosigners are allowed to be absent, which is said; nothing else is. */
export function verdict(found: Map<StepName, Finding>): Verdict {
  const states = STEPS.map((step) => found.get(step)?.state ?? "waiting");
  if (states.includes("false")) return "false";
  const needed = STEPS.filter((step) => step !== "cosigners");
  if (!needed.every((step) => ["holds", "none"].includes(found.get(step)?.state ?? ""))) return "unknown";
  return found.get("cosigners")?.state === "holds" ? "holds" : "alone";
}
