// What a phone can do beside its screen: stay awake, be felt, and say numbers aloud in Thai. Each is there or quietly not there.
import { thaiWords } from "./numberwords";

/** Keeps the screen on while something is counted; asks again whenever the page comes back to the front. */
export class Awake {
  private lock: WakeLockSentinel | null = null;
  private wanted = false;
  private readonly again = (): void => {
    if (document.visibilityState === "visible") void this.ask();
  };

  hold(): void {
    this.wanted = true;
    document.addEventListener("visibilitychange", this.again);
    void this.ask();
  }

  release(): void {
    this.wanted = false;
    document.removeEventListener("visibilitychange", this.again);
    void this.lock?.release().catch(() => undefined);
    this.lock = null;
  }

  private async ask(): Promise<void> {
    if (!this.wanted || !navigator.wakeLock || (this.lock && !this.lock.released)) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      if (this.wanted) this.lock = lock;
      else await lock.release();
    } catch {
      // A phone that saves its battery may refuse; the count goes on.
    }
  }
}

/** A short beat for a ballot or a good picture, a rattle for a tap that did not count or a picture that is hard to read. */
export function feel(kind: "counted" | "refused" | "undone"): void {
  const beats = { counted: 18, refused: [25, 60, 25], undone: [10, 40, 10] };
  navigator.vibrate?.(beats[kind]);
}

export function speaks(): boolean {
  return "speechSynthesis" in globalThis && typeof SpeechSynthesisUtterance === "function";
}

/** Says a ballot number as it was understood; a newer one cuts off an older one, so that the voice never lags behind. */
export function speak(words: string | number): void {
  if (!speaks()) return;
  const said = new SpeechSynthesisUtterance(typeof words === "number" ? thaiWords(words) : words);
  said.lang = "th-TH";
  said.rate = 1.15;
  const voice = speechSynthesis.getVoices().find(({ lang }) => lang.toLowerCase().startsWith("th"));
  if (voice) said.voice = voice;
  speechSynthesis.cancel();
  speechSynthesis.speak(said);
}
