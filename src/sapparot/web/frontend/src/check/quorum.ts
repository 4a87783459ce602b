// Trust policies (C2SP tlog-policy): which cosigners count, and how many of them are enough.
import { Damaged, decimal, hex } from "./bytes";
import { COSIGNED, cosignedBy, ED25519, readKey, type Checkpoint, type Signed, type VerifierKey } from "./notes";

interface Group {
  need: number;
  members: string[];
}

export interface Policy {
  logs: VerifierKey[];
  cosigners: Map<string, VerifierKey>;
  groups: Map<string, Group>;
  quorum: string;
}

export interface Quorum {
  /** False when nobody is asked; then nothing is reached either. */
  required: boolean;
  reached: boolean;
  broken: string[];
  said: { name: string; signed: Signed; time: number }[];
}

/** Reads a policy file; throws Damaged where the format is broken. */
export async function readPolicy(text: string): Promise<Policy> {
  const policy: Policy = { logs: [], cosigners: new Map(), groups: new Map(), quorum: "" };
  const used = new Set<string>();
  // Allowed are line ends, tabs and whatever is written.
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw new Damaged("control characters in a policy");
  for (const line of text.split("\n")) {
    const parts = line.split(/[ \t]+/).filter(Boolean);
    if (parts.length > 0 && !parts[0]?.startsWith("#")) await take(policy, used, parts);
  }
  if (!policy.quorum) throw new Damaged("a policy names a quorum");
  const keys = [[...policy.logs], [...policy.cosigners.values()]];
  for (const some of keys) {
    if (new Set(some.map((one) => hex(one.key))).size !== some.length) throw new Damaged("a key stands twice");
  }
  return policy;
}

async function take(policy: Policy, used: Set<string>, [word, name, ...rest]: string[]): Promise<void> {
  if (!name) throw new Damaged("a line of the policy is too short");
  switch (word) {
    case "log":
      if (rest.length > 1) throw new Damaged("a line of the policy is too long");
      policy.logs.push(await readKey(name, ED25519));
      return;
    case "witness":
      fresh(policy, name);
      if (rest.length > 2) throw new Damaged("a line of the policy is too long");
      policy.cosigners.set(name, await readKey(rest[0] ?? "", COSIGNED));
      return;
    case "group":
      fresh(policy, name);
      policy.groups.set(name, group(policy, used, rest));
      return;
    case "quorum":
      if (policy.quorum || rest.length > 0 || (name !== "none" && !knows(policy, name))) throw new Damaged("an unclear quorum");
      policy.quorum = name;
      return;
    default:
      throw new Damaged("an unknown line in the policy");
  }
}

function group(policy: Policy, used: Set<string>, [need, ...members]: string[]): Group {
  for (const member of members) {
    if (!knows(policy, member) || used.has(member)) throw new Damaged("a member of a group is unknown or stands twice");
    used.add(member);
  }
  const count = need === "any" ? 1 : need === "all" ? members.length : decimal(need ?? "");
  if (count < 1 || count > members.length) throw new Damaged("a group needs between one and all of its members");
  return { need: count, members };
}

function fresh(policy: Policy, name: string): void {
  if (name === "none" || knows(policy, name)) throw new Damaged("a name stands twice in the policy");
}

function knows(policy: Policy, name: string): boolean {
  return policy.cosigners.has(name) || policy.groups.has(name);
}

/** Weighs the cosignatures of a checkpoint. One of a known cosigner that does not hold spoils the note. */
export async function weigh(checkpoint: Checkpoint, policy: Policy): Promise<Quorum> {
  const said: Quorum["said"] = [];
  for (const [name, key] of policy.cosigners) said.push({ name, ...(await cosignedBy(checkpoint, key)) });
  const stand = new Set(said.filter((one) => one.signed === "holds").map((one) => one.name));
  // Groups stand after their members, so one pass answers.
  for (const [name, { members, need }] of policy.groups) {
    if (members.filter((member) => stand.has(member)).length >= need) stand.add(name);
  }
  const required = policy.quorum !== "none";
  return {
    required,
    reached: required && stand.has(policy.quorum),
    broken: said.filter((one) => one.signed === "false").map((one) => one.name),
    said,
  };
}
