// One sheet while its ballots are read: the count, its way to the disk, and the progress that goes out by itself. No screen, so it can be tested.
import type { Desk, ReportDraft, Stage } from "../app/facts";
import { tilesAfter } from "./finding";
import { counts as tapCounts, type LastTap } from "./guard";
import { Keeper, type Saved } from "./keeping";
import type { SheetKit } from "./kit";
import { due, falls, reasonOf, type LastTold, type Told } from "./pace";
import { CAST, corrected, count, NO_VOTE, NOTHING, redone, SPOILED, tapped, undone, type Key, type Tally, type Why } from "./tally";

export type View = "pad" | "all";

/** What is kept of a count between two taps. */
export interface CountKept {
  readonly key: string;
  readonly tally: Tally;
  readonly tiles: readonly number[];
  readonly view: View;
  /** When the first ballot was counted; 0 before. */
  readonly begun: number;
}

export interface Shelf {
  read(key: string): Promise<CountKept | undefined>;
  write(kept: CountKept): Promise<unknown>;
}

/** What is counted and typed is the person's: another key of the phone changes nothing about it. */
export function draftKey(person: string, sheet: string, stage: Stage): string {
  return `${person}/${sheet}/${stage}`;
}

/** So many tiles fit above the keypad of a small phone. */
export const TILES = 8;
/** A ballot with more options than this is counted with tiles and keypad; one with fewer shows all of them as big buttons. */
export const MOST_BUTTONS = 16;

export class Counter {
  tally: Tally;
  tiles: readonly number[];
  view: View;
  begun: number;
  last: LastTold | null = null;
  /** Why progress could not be signed and stored. */
  trouble: unknown = null;
  private finger: LastTap | null = null;
  private reporting: Promise<void> | null = null;
  private readonly keeper: Keeper<CountKept>;

  private constructor(
    readonly sheet: SheetKit,
    private readonly desk: Desk,
    private readonly key: string,
    shelf: Shelf,
    kept: CountKept | undefined,
    private readonly changed: () => void,
  ) {
    this.tally = kept?.tally ?? NOTHING;
    this.tiles = kept?.tiles ?? [];
    this.view = kept?.view ?? (sheet.options.length > MOST_BUTTONS ? "pad" : "all");
    this.begun = kept?.begun ?? 0;
    this.keeper = new Keeper((value) => shelf.write(value), changed);
  }

  /** Takes up the count of a sheet where it was left, after whatever happened to the phone. */
  static async open(sheet: SheetKit, desk: Desk, shelf: Shelf, changed: () => void): Promise<Counter> {
    const key = draftKey(desk.person, sheet.sheet, "progress");
    const [kept, newest] = await Promise.all([shelf.read(key), desk.newest(sheet.sheet, "progress")]);
    const counter = new Counter(sheet, desk, key, shelf, kept, changed);
    if (newest) counter.last = { id: newest.id, at: newest.made_at, ...toldIn(newest.draft) };
    return counter;
  }

  get saved(): Saved {
    return this.keeper.state;
  }

  get fault(): unknown {
    return this.keeper.fault;
  }

  /** Counts a ballot; false when the finger only bounced. `at`: milliseconds of a clock that never goes back; `now`: the time of day. */
  tap(key: Key, at: number, now: number): boolean {
    if (!tapCounts(this.finger, key, at)) return false;
    this.finger = { key, at };
    if (!this.begun) this.begun = now;
    this.take(tapped(this.tally, key));
    const number = Number(key);
    if (number) this.tiles = tilesAfter(this.tiles, number, this.tally.counts, TILES);
    void this.keep();
    return true;
  }

  correct(key: Key, to: number | null, why: Why, now: number): void {
    if (!this.begun && key !== CAST) this.begun = now;
    this.take(corrected(this.tally, key, to, why));
    void this.keep();
  }

  undo(): void {
    this.finger = null;
    this.take(undone(this.tally));
    void this.keep();
  }

  redo(): void {
    this.take(redone(this.tally));
    void this.keep();
  }

  show(view: View): void {
    this.view = view;
    this.changed();
    void this.keep();
  }

  /** Resolves when everything counted so far is on the disk. */
  keep(): Promise<void> {
    const { key, tally, tiles, view, begun } = this;
    return this.keeper.keep({ key, tally, tiles, view, begun });
  }

  /** The figures so far, options that nobody chose yet included: everything that was read. */
  told(): Told {
    const votes = Object.fromEntries(this.sheet.options.map(({ number }) => [String(number), count(this.tally, String(number))]));
    return { votes, spoiled: count(this.tally, SPOILED), no_vote: count(this.tally, NO_VOTE) };
  }

  /** Reports progress when it is time, or at once when `anyway`. Never two at a time; a failure is tried again at the next call. */
  async report(now: number, anyway = false): Promise<void> {
    if (this.reporting) return this.reporting;
    const told = this.told();
    if (!due(told, this.last, anyway ? Infinity : now, this.begun)) return;
    this.reporting = this.send(told).finally(() => (this.reporting = null));
    return this.reporting;
  }

  private async send(told: Told): Promise<void> {
    try {
      const kept = await this.desk.report(this.draft(told));
      this.last = { id: kept.id, at: kept.made_at, ...told };
      this.trouble = null;
      this.desk.send();
    } catch (error) {
      this.trouble = error;
    }
    this.changed();
  }

  private draft({ votes, spoiled, no_vote }: Told): ReportDraft {
    const valid = Object.values(votes).reduce((sum, each) => sum + each, 0);
    const draft: ReportDraft = { sheet: this.sheet.sheet, stage: "progress", votes, valid, spoiled, no_vote };
    if (this.tally.cast !== null) draft.ballots_cast = this.tally.cast;
    if (!this.last || !falls({ votes, spoiled, no_vote }, this.last)) return draft;
    const typed = [...this.tally.steps].reverse().find((step) => step.why !== "tap" && (step.to ?? 0) < (step.from ?? 0));
    return { ...draft, replaces: this.last.id, reason: reasonOf(typed?.why) };
  }

  private take(tally: Tally): void {
    this.tally = tally;
    this.changed();
  }
}

function toldIn({ votes, spoiled, no_vote }: ReportDraft): Told {
  return { votes, spoiled: spoiled ?? 0, no_vote: no_vote ?? 0 };
}
