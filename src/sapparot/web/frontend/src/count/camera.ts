// <count-camera>: a live view that says what is wrong before the picture is taken. It never refuses to take one.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { say } from "../app/language";
import type { Look } from "./looking";
import { lookAt } from "./taking";
import { faultWord } from "./wording";

const EVERY_MS = 350;
/** The live view is judged small; fine blur only shows in the picture itself, which is judged again. */
const LIVE_SIDE = 480;
const LIVE = new Set(["dark", "glare", "no_edges", "cut_off", "far"]);

interface Aim {
  readonly role: string;
  readonly page?: number;
  readonly name: string;
}

/** `ImageCapture` takes a picture with all the pixels that the camera has; not in every browser. */
declare class ImageCapture {
  constructor(track: MediaStreamTrack);
  takePhoto(): Promise<Blob>;
}

export class CountCamera extends LitElement {
  private aim: Aim | null = null;
  private stream: MediaStream | null = null;
  private seen: Look | null = null;
  private trouble = "";
  private timer = 0;
  private taking = false;

  override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }

  async open(aim: Aim): Promise<void> {
    Object.assign(this, { aim, seen: null, trouble: "" });
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector("dialog")?.showModal();
    try {
      const video = { facingMode: "environment", width: { ideal: 2560 }, height: { ideal: 1920 } };
      this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      const view = this.querySelector("video");
      if (!view || !this.aim) return this.stop();
      view.srcObject = this.stream;
      await view.play();
      this.timer = window.setInterval(() => this.watch(view), EVERY_MS);
    } catch {
      this.trouble = say("เปิดกล้องไม่ได้ ใช้ปุ่ม “ถ่ายรูป” แทน", "The camera cannot be opened here. Use “Take it” instead.");
    }
    this.requestUpdate();
  }

  private watch(view: HTMLVideoElement): void {
    if (!this.aim || view.readyState < 2 || document.visibilityState !== "visible") return;
    this.seen = lookAt(view, this.aim.role === "board" ? "board" : "page", LIVE_SIDE);
    this.outline(view, this.seen);
    this.requestUpdate();
  }

  /** Draws the edges of the paper as they were found. */
  private outline(view: HTMLVideoElement, seen: Look): void {
    const canvas = this.querySelector("canvas");
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const scale = Math.min(1, LIVE_SIDE / Math.max(view.videoWidth, view.videoHeight));
    canvas.width = Math.round(view.videoWidth * scale);
    canvas.height = Math.round(view.videoHeight * scale);
    if (!seen.corners) return;
    context.lineWidth = 5;
    context.strokeStyle = seen.faults.some((fault) => LIVE.has(fault)) ? "#f59e0b" : "#22c55e";
    context.beginPath();
    for (const { x, y } of seen.corners) context.lineTo(x, y);
    context.closePath();
    context.stroke();
  }

  protected override render(): TemplateResult | typeof nothing {
    const faults = this.seen?.faults.filter((fault) => LIVE.has(fault)) ?? [];
    const advice = this.trouble || (faults[0] ? faultWord(faults[0]) : this.seen ? say("ดีแล้ว ถือนิ่ง ๆ แล้วกดถ่าย", "Good. Hold still and take it") : "");
    return html`<dialog class="count-camera" aria-label=${this.aim?.name ?? ""} @close=${this.stop}>
      <div class="count-view-box"><video muted playsinline></video><canvas aria-hidden="true"></canvas></div>
      <p role="status" data-good=${faults.length === 0 && !this.trouble}>${advice}</p>
      <div class="count-choices">
        <button type="button" @click=${this.close}>${say("ปิด", "Close")}</button>
        <button type="button" class="count-main" ?disabled=${!this.stream || this.taking} @click=${this.shoot}>${say("ถ่าย", "Take")}</button>
      </div>
    </dialog>`;
  }

  private readonly shoot = async (): Promise<void> => {
    const view = this.querySelector("video");
    const { aim } = this;
    if (!view || !aim || this.taking) return;
    this.taking = true;
    const file = await this.picture(view);
    this.taking = false;
    this.close();
    if (file) this.dispatchEvent(new CustomEvent("count-taken", { detail: { file, slot: aim } }));
  };

  private async picture(view: HTMLVideoElement): Promise<Blob | null> {
    const track = this.stream?.getVideoTracks()[0];
    if (track && "ImageCapture" in globalThis) {
      const still = await new ImageCapture(track).takePhoto().catch(() => null);
      if (still) return still;
    }
    const canvas = document.createElement("canvas");
    canvas.width = view.videoWidth;
    canvas.height = view.videoHeight;
    canvas.getContext("2d")?.drawImage(view, 0, 0);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  }

  private readonly close = (): void => this.querySelector("dialog")?.close();

  private readonly stop = (): void => {
    clearInterval(this.timer);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.aim = null;
  };
}
