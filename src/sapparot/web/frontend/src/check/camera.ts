// The camera of the device, looking for QR codes. Its pictures stay on the device, and it ends when nobody looks at the page.
import { reader } from "./pictures";

/** Milliseconds between two looks: fast enough for codes that take turns, slow enough for a cheap phone. */
const PAUSE = 80;
const WANTED = { audio: false, video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } };

export function hasCamera(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

export class Camera {
  private stream: MediaStream | null = null;
  private run = 0;

  /** `told` gets each code once in a row. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly told: (code: string) => void,
  ) {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.close();
    });
  }

  get on(): boolean {
    return this.stream !== null;
  }

  /** Begins; rejects when there is no camera or its owner says no. */
  async open(): Promise<void> {
    const run = ++this.run;
    const stream = await navigator.mediaDevices.getUserMedia(WANTED);
    if (run !== this.run) {
      stop(stream);
      return;
    }
    this.stream = stream;
    this.video.srcObject = stream;
    await this.video.play();
    void this.watch(run);
  }

  close(): void {
    this.run++;
    if (this.stream) stop(this.stream);
    this.stream = null;
    this.video.srcObject = null;
    this.video.dispatchEvent(new Event("closed"));
  }

  private async watch(run: number): Promise<void> {
    const read = await reader(false);
    let last = "";
    while (run === this.run) {
      const code = await read(this.video).catch(() => null);
      if (code && code !== last && run === this.run) this.told((last = code));
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
