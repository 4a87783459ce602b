// Writes the newest state durably without a timer: one write is in flight, and whatever changed meanwhile goes with the next one.
// A battery that dies loses at most the taps of the write in flight: tens of milliseconds, and the screen has not called them saved.

export type Saved = "saved" | "saving" | "failed";

export class Keeper<T> {
  private waiting: { value: T } | null = null;
  private running: Promise<void> | null = null;
  state: Saved = "saved";
  /** Why the last write failed; a full disk, as a rule. */
  fault: unknown = null;

  constructor(
    private readonly write: (value: T) => Promise<unknown>,
    private readonly tell: (state: Saved) => void = () => undefined,
  ) {}

  /** Takes the newest state; resolves when it, or a later one, is on the disk, or could not be written. */
  keep(value: T): Promise<void> {
    this.waiting = { value };
    if (this.state !== "failed") this.say("saving");
    this.running ??= this.run();
    return this.running;
  }

  /** Tries once more what could not be written. */
  async again(): Promise<void> {
    if (this.waiting) await this.keep(this.waiting.value);
  }

  private async run(): Promise<void> {
    while (this.waiting) {
      const { value } = this.waiting;
      this.waiting = null;
      try {
        await this.write(value);
      } catch (error) {
        this.fault = error;
        this.waiting ??= { value };
        this.running = null;
        this.say("failed");
        return;
      }
    }
    this.fault = null;
    this.running = null;
    this.say("saved");
  }

  private say(state: Saved): void {
    this.state = state;
    this.tell(state);
  }
}
