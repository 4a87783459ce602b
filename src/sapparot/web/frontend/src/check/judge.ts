// The whole check, from what somebody brought to the verdict. It reads the log through `Server` and believes nothing of what comes
// from there until it is proved; the only thing that is trusted is the log's key.
import { authorOf, letterOf, type Author, type Log } from "./authors";
import { base64, Damaged, hex, words, type Bytes } from "./bytes";
import { stillStands } from "./freshness";
import { promisedEntry, type Given, type Promised } from "./given";
import { readJson, text, type Jws, type Members } from "./jws";
import { included, leafHash, type Head } from "./merkle";
import { fingerprint, readCheckpoint, readKey, signedBy, type Checkpoint, type Signed, type VerifierKey } from "./notes";
import { binding, type Binding } from "./promises";
import { readPolicy, weigh, type Policy } from "./quorum";
import { writeReceipt } from "./receipts";
import { Away, fails, guarded, holds, needless, unknown, STEPS, verdict, type Finding, type StepName, type Tell, type Verdict } from "./steps";
import { Missing, Tiles } from "./tiles";

export interface Server {
  /** A file below the prefix of the log. */
  read: (path: string) => Promise<Bytes>;
  /** The place of an entry, by its leaf hash; null when the log does not have it. */
  find: (leaf: string) => Promise<number | null>;
  about: (kid: string, kind: string) => Promise<number[]>;
  /** Waits for caches on the way to forget. */
  pause: () => Promise<void>;
  /** A head of this log that this browser verified before. */
  seen: (origin: string) => Head | null;
}

export interface Outcome {
  verdict: Verdict | "early" | "late" | "nothing";
  key: VerifierKey | null;
  fingerprint: string;
  index: number | null;
  entry: Members | null;
  letter: Jws | null;
  author: Author | null;
  /** Of all cosigners that the policy names, those whose signature on the checkpoint was verified; null without such a policy. */
  cosigned: { count: number; all: number } | null;
  /** The newest checkpoint, when the log's key signed it and it continues what was seen before. */
  newest: Checkpoint | null;
  due: Date | null;
  /** A receipt to take along, with the entry in it, when it leads to a root that the log signed. */
  receipt: string | null;
}

/** The newest checkpoint of the log, or why there is none to believe. */
type Newest = { checkpoint: Checkpoint; tiles: Tiles } | { refused: Finding };

interface Basis {
  index: number;
  path: Bytes[];
  checkpoint: Checkpoint;
}

const MOST_TRIES = 4;

export class Check {
  private readonly found = new Map<StepName, Finding>();
  private agreed: Promise<Policy | null> | null = null;
  /** Keys of the one log that is meant: a policy may name several. */
  private keys: VerifierKey[] = [];
  private readonly outcome: Outcome = {
    verdict: "unknown",
    key: null,
    fingerprint: "",
    index: null,
    entry: null,
    letter: null,
    author: null,
    cosigned: null,
    newest: null,
    due: null,
    receipt: null,
  };

  constructor(
    private readonly given: Given,
    private readonly server: Server,
    private readonly tell: Tell,
    private readonly moment: Date,
  ) {}

  async run(): Promise<Outcome> {
    const key = await this.key();
    const newest = await this.newest(key);
    if (!(await this.located(newest))) return this.outcome;
    const body = await this.body(newest);
    const basis = await this.basis(newest);
    await this.step("entry", () => this.readEntry(body));
    await this.step("path", () => this.checkPath(body, basis));
    await this.step("log", () => this.checkLog(basis, key));
    await this.step("cosigners", () => this.checkCosigners(basis));
    await this.step("newest", () => this.checkNewest(basis, newest));
    await this.step("author", () => this.checkAuthor(newest));
    this.outcome.verdict = verdict(this.found);
    const proved = (["entry", "path", "log"] as const).every((name) => this.found.get(name)?.state === "holds");
    if (proved && !("state" in body) && !("state" in basis)) this.outcome.receipt = writeReceipt({ ...basis, extra: body });
    return this.outcome;
  }

  private async step(name: StepName, work: () => Promise<Finding>): Promise<void> {
    const finding = await guarded(work);
    this.found.set(name, finding);
    this.tell(name, finding);
  }

  private async key(): Promise<VerifierKey | Finding> {
    const { policy, receipt } = this.given;
    const logs = this.given.key ? [this.given.key] : (policy?.logs ?? []);
    let key: VerifierKey | null = logs.find((log) => log.name === receipt?.checkpoint.origin) ?? logs[0] ?? null;
    if (!key) {
      const read = await attempt(async () => readKey(words(await this.server.read("log.vkey")).trim()));
      if ("refused" in read) return read.refused;
      key = read.value;
    }
    const { name } = key;
    this.keys = logs.length > 0 ? logs.filter((log) => log.name === name) : [key];
    await this.restOn(key);
    return key;
  }

  private async restOn(key: VerifierKey): Promise<void> {
    this.outcome.key = key;
    this.outcome.fingerprint = await fingerprint(key);
  }

  /** Whether one of the keys of the log signed; a line that names one of them and is not by it spoils the whole. */
  private async signed(checkpoint: Checkpoint): Promise<Signed> {
    const said: Signed[] = [];
    for (const key of this.keys) said.push(await signedBy(checkpoint, key));
    return (["false", "holds"] as const).find((one) => said.includes(one)) ?? "none";
  }

  private async newest(key: VerifierKey | Finding): Promise<Newest> {
    if ("state" in key) return { refused: key };
    const least = Math.max(this.given.receipt?.checkpoint.size ?? 0, this.server.seen(key.name)?.size ?? 0);
    const read = await attempt(() => this.newestOf(least));
    if ("refused" in read) return read;
    const checkpoint = read.value;
    if (checkpoint.origin !== key.name) return { refused: fails("log.other", { theirs: named(checkpoint.origin), ours: key.name }) };
    if ((await this.signed(checkpoint)) !== "holds") return { refused: fails("newest.unsigned") };
    return { checkpoint, tiles: new Tiles(this.server.read, checkpoint.size) };
  }

  /** The newest checkpoint. A cache on the way may be some seconds behind what the reader holds: that is no log that became shorter. */
  private async newestOf(least: number): Promise<Checkpoint> {
    for (let tries = 1; ; tries++) {
      const checkpoint = readCheckpoint(words(await this.server.read("checkpoint")));
      if (checkpoint.size >= least || tries === MOST_TRIES) return checkpoint;
      await this.server.pause();
    }
  }

  /** Finds the place in the log. Without one there is nothing to check yet: the outcome says until when to wait. */
  private async located(newest: Newest): Promise<boolean> {
    const { receipt, index } = this.given;
    const brought = this.brought();
    let place = receipt?.index ?? index ?? null;
    if (place === null && brought) {
      const read = await attempt(async () => this.server.find(hex(await leafHash(brought))));
      if ("refused" in read) return this.undecided(read.refused);
      place = read.value;
    }
    if (place === null) return this.awaited(newest);
    if (!receipt && "checkpoint" in newest && place >= newest.checkpoint.size) return this.awaited(newest, newest.checkpoint.size);
    this.outcome.index = place;
    return true;
  }

  private undecided(why: Finding): boolean {
    for (const name of STEPS) {
      const finding = name === "entry" ? why : unknown("skipped");
      this.found.set(name, finding);
      this.tell(name, finding);
    }
    return false;
  }

  private async awaited(newest: Newest, size = 0): Promise<boolean> {
    const { promise, report } = this.given;
    if (!promise) {
      this.outcome.verdict = "nothing";
      return this.undecided(size ? unknown("entry.beyond", { size }) : unknown("entry.absent"));
    }
    const sent = report || promise.report;
    const binds = sent && "checkpoint" in newest ? await this.promised(promise, sent, newest) : "unfound";
    if (binds === "false" || binds === "void") {
      this.outcome.verdict = "false";
      return this.undecided(fails(binds === "void" ? "entry.void" : "entry.unpromised"));
    }
    const due = new Date(Date.parse(promise.receivedAt) + promise.seconds * 1000);
    // Only a promise that a key of the log was found to have given, to a device that the log knew, can be said to be broken.
    this.outcome.due = due;
    if (this.moment > due && binds === "unenrolled") return this.undecided(unknown("entry.unenrolled"));
    if (this.moment > due && binds !== "holds") return this.undecided(unknown(sent ? "entry.unbound" : "entry.unsent"));
    this.outcome.verdict = this.moment <= due ? "early" : "late";
    return this.undecided(this.outcome.verdict === "early" ? unknown("entry.early") : fails("entry.late"));
  }

  private async promised(promise: Promised, report: string, log: { checkpoint: Checkpoint; tiles: Tiles }): Promise<Binding> {
    const { checkpoint, tiles } = log;
    if (promise.log !== checkpoint.origin) return "false";
    const read = await attempt(() => binding(promise, report, { head: checkpoint, tiles, about: this.server.about }));
    if ("value" in read) return read.value;
    return read.refused.state === "false" ? "false" : "unfound";
  }

  /** The entry that was brought, so that the server has no say in it; null when the server must be asked. */
  private brought(): Bytes | null {
    const { entry, promise, report, receipt } = this.given;
    const sent = report || promise?.report;
    return entry ?? (promise && sent ? promisedEntry(promise, sent) : (receipt?.extra ?? null));
  }

  private async body(newest: Newest): Promise<Bytes | Finding> {
    const brought = this.brought();
    if (brought) return brought;
    if ("refused" in newest) return newest.refused;
    const index = this.outcome.index ?? 0;
    if (index >= newest.checkpoint.size) return unknown("entry.beyond", { size: newest.checkpoint.size });
    const read = await attempt(() => newest.tiles.entry(index));
    return "refused" in read ? read.refused : read.value;
  }

  private async basis(newest: Newest): Promise<Basis | Finding> {
    const { receipt } = this.given;
    if (receipt) return receipt;
    if ("refused" in newest) return newest.refused;
    const index = this.outcome.index ?? 0;
    const { checkpoint, tiles } = (await this.cosigned(index)) ?? newest;
    const read = await attempt(() => tiles.path(index));
    return "refused" in read ? read.refused : { index, path: read.value, checkpoint };
  }

  /** The newest checkpoint that reached the quorum, when the log has one and it covers the entry: more parties stand behind it. */
  private async cosigned(index: number): Promise<{ checkpoint: Checkpoint; tiles: Tiles } | null> {
    const read = await attempt(async () => {
      const wanted = ((await this.policy())?.quorum ?? "none") !== "none";
      return wanted ? readCheckpoint(words(await this.server.read("cosigned"))) : null;
    });
    if ("refused" in read || !read.value || index >= read.value.size) return null;
    return (await this.signed(read.value)) === "holds" ? { checkpoint: read.value, tiles: new Tiles(this.server.read, read.value.size) } : null;
  }

  private async readEntry(body: Bytes | Finding): Promise<Finding> {
    if ("state" in body) return body;
    const leaf = await leafHash(body);
    this.outcome.entry = readJson(body);
    this.outcome.letter = letterOf(this.outcome.entry);
    const { report } = this.given;
    if (report && text(this.outcome.entry, "jws") !== report) return fails("entry.other", {}, [["leaf", hex(leaf)]]);
    const word = this.brought() ? "entry.yours" : "entry.fetched";
    const details: Finding["details"] = [
      ["leaf", hex(leaf)],
      ["body", words(body)],
    ];
    return holds(word, { bytes: body.length, index: this.outcome.index ?? 0 }, details);
  }

  private async checkPath(body: Bytes | Finding, basis: Basis | Finding): Promise<Finding> {
    if ("state" in basis) return basis;
    if ("state" in body) return unknown("path.unread");
    const { index, path, checkpoint } = basis;
    const leaf = await leafHash(body);
    const details: Finding["details"] = [
      ["position", String(index)],
      ["root", base64(checkpoint.root)],
      ...path.map((hash): [string, string] => ["node", hex(hash)]),
    ];
    const fits = await included(leaf, index, checkpoint, path);
    const values = { index, size: checkpoint.size, hashes: path.length };
    return fits ? holds("path.holds", values, details) : fails("path.false", values, details);
  }

  private async checkLog(basis: Basis | Finding, key: VerifierKey | Finding): Promise<Finding> {
    if ("state" in basis) return basis;
    if ("state" in key) return key;
    const { checkpoint } = basis;
    for (const one of this.keys) if ((await signedBy(checkpoint, one)) === "holds") await this.restOn(one);
    const details: Finding["details"] = [
      ["fingerprint", this.outcome.fingerprint],
      ["note", checkpoint.note],
    ];
    if (checkpoint.origin !== key.name) return fails("log.other", { theirs: named(checkpoint.origin), ours: key.name }, details);
    const signed = await this.signed(checkpoint);
    const values = { origin: checkpoint.origin, size: checkpoint.size };
    return signed === "holds" ? holds("log.holds", values, details) : fails(`log.${signed}`, values, details);
  }

  private async checkCosigners(basis: Basis | Finding): Promise<Finding> {
    if ("state" in basis) return basis;
    const policy = await this.policy();
    if (!policy || (policy.quorum === "none" && policy.cosigners.size === 0)) return unknown("cosigners.none");
    const quorum = await weigh(basis.checkpoint, policy);
    const details = quorum.said.map(({ name, signed, time }): [string, string] => [
      `cosigned.${signed}`,
      signed === "holds" ? `${name} ${instant(time)}` : name,
    ]);
    const count = quorum.said.filter((one) => one.signed === "holds").length;
    this.outcome.cosigned = { count, all: policy.cosigners.size };
    const values = { ...this.outcome.cosigned, names: quorum.broken.join(", ") };
    if (quorum.broken.length > 0) return fails("cosigners.false", values, details);
    if (!quorum.required) return unknown("cosigners.unasked", values, details);
    // A quorum under the site's own policy is the site's promise; one under the reader's is the reader's judgement.
    const word = this.given.policy ? "cosigners.holds.own" : "cosigners.holds";
    return quorum.reached ? holds(word, values, details) : unknown("cosigners.few", values, details);
  }

  /** Whose cosignatures count: the reader's own policy, else the site's, else nobody's. */
  private policy(): Promise<Policy | null> {
    this.agreed ??= this.given.policy ? Promise.resolve(this.given.policy) : this.sitePolicy();
    return this.agreed;
  }

  private async sitePolicy(): Promise<Policy | null> {
    try {
      return await readPolicy(words(await this.server.read("policy")));
    } catch (error) {
      if (error instanceof Missing) return null;
      throw error;
    }
  }

  private async checkNewest(basis: Basis | Finding, newest: Newest): Promise<Finding> {
    if ("refused" in newest) return newest.refused;
    if ("state" in basis) return basis;
    // Whatever anybody may have written is no evidence against the log: only what its key signed is compared.
    if (this.found.get("log")?.state !== "holds") return unknown("newest.unproved");
    const { checkpoint, tiles } = newest;
    const finding = await stillStands(basis.checkpoint, checkpoint, this.server.seen(checkpoint.origin), tiles);
    if (finding.state === "holds") this.outcome.newest = checkpoint;
    return finding;
  }

  private async checkAuthor(newest: Newest): Promise<Finding> {
    const { entry, letter, index } = this.outcome;
    if (!entry) return unknown("author.unread");
    if (!letter) return needless("author.nobody");
    if ("refused" in newest) return newest.refused;
    const { checkpoint, tiles } = newest;
    const log: Log = { head: checkpoint, tiles, about: this.server.about };
    const author = await authorOf(letter, text(entry, "at"), index ?? 0, log);
    const details: Finding["details"] = [["device", text(letter.header, "kid")]];
    if (author === "unfound") return unknown("author.unfound", {}, details);
    if (typeof author === "string") return fails(`author.${author}`, {}, details);
    this.outcome.author = author;
    const { network, name, level, enrolled, announced } = author;
    const names = { network_th: text(name, "th") || network, network_en: text(name, "en") || network };
    const key = author.byText ? "author.gateway" : "author.holds";
    return holds(key, { ...names, level, enrolled, announced }, details);
  }
}

/** Nobody vouches for what stands where the name of another log should: it is no place for sentences. */
function named(origin: string): string {
  return /^[\w./:-]{1,80}$/.test(origin) ? origin : "?";
}

/** A cosigner may write any number of seconds; dates end somewhere. */
function instant(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString();
}

type Attempt<T> = { value: T } | { refused: Finding };

/** Like `guarded`, for what later steps need. */
async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof Away) return { refused: unknown("away") };
    if (error instanceof Missing) return { refused: unknown("missing") };
    if (error instanceof Damaged) return { refused: fails("damaged") };
    throw error;
  }
}
