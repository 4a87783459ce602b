// Passing reports on without a network, and taking in those of others: any volunteer's phone can bring them to the server.
import { html, nothing, type TemplateResult } from "lit";
import { Damaged } from "../../check/bytes";
import { fileOf, gather, joined, LONGEST_FILE, piecesOf, takeIn, unload, worthCarrying, type Gathered, type Taken } from "../carry";
import { drawn, reader } from "../codes";
import { all } from "../database";
import { back, complaint, Screen } from "../element";
import { AppProblem, type Kept } from "../facts";
import { number, say } from "../language";
import { mark } from "../marks";
import { send } from "../pump";

const EACH = 1_400;
const LOOK = 180;

export class CarryScreen extends Screen {
  protected override readonly shows = ["outbox"] as const;
  private reports: Kept[] = [];
  private pieces: string[] = [];
  private shown = 0;
  private turning: ReturnType<typeof setInterval> | undefined;
  private stream: MediaStream | null = null;
  private gathered: Gathered | null = null;
  private taken: Taken | null = null;

  protected override async load(): Promise<void> {
    this.reports = worthCarrying(await all<Kept>("outbox"));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.turning);
    this.stop();
  }

  private async showCodes(): Promise<void> {
    this.pieces = await piecesOf(fileOf(this.reports));
    this.shown = 0;
    clearInterval(this.turning);
    if (this.pieces.length > 1) this.turning = setInterval(() => this.turn(1), EACH);
    this.requestUpdate();
  }

  private turn(by: number): void {
    this.shown = (this.shown + by + this.pieces.length) % this.pieces.length;
    this.requestUpdate();
  }

  private hold(): void {
    if (this.turning) clearInterval(this.turning);
    this.turning = this.turning ? undefined : setInterval(() => this.turn(1), EACH);
    this.requestUpdate();
  }

  private async share(): Promise<void> {
    const file = new File([fileOf(this.reports)], `sapparot-reports-${Date.now()}.txt`, { type: "text/plain" });
    if (navigator.canShare?.({ files: [file] })) {
      await navigator.share({ files: [file] }).catch(() => undefined);
      return;
    }
    const address = URL.createObjectURL(file);
    const link = Object.assign(document.createElement("a"), { href: address, download: file.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  private async files(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = "";
    while (this.busy) await new Promise((done) => setTimeout(done, LOOK)); // what was chosen is not dropped because the screen is at work
    this.taken = null;
    await this.attempt(async () => {
      for (const file of files) await (file.type.startsWith("image/") ? this.picture(file) : this.text(file));
    });
  }

  private async picture(file: File): Promise<void> {
    const found = await (await reader()).detect(await createImageBitmap(file));
    if (found.length === 0) throw new AppProblem(NO_CODE);
    for (const { rawValue } of found) await this.code(rawValue);
  }

  private async text(file: File): Promise<void> {
    if (file.size > LONGEST_FILE) throw new AppProblem(TOO_LARGE);
    await this.bring(await file.text());
  }

  private async bring(whole: string): Promise<void> {
    const { fresh, known, damaged, full } = await takeIn(whole, Date.now());
    const before = this.taken ?? { fresh: 0, known: 0, damaged: 0, full: 0 };
    this.taken = { fresh: before.fresh + fresh, known: before.known + known, damaged: before.damaged + damaged, full: before.full + full };
    if (fresh) send();
  }

  private async giveUp(): Promise<void> {
    const done = await this.attempt(unload);
    if (done) this.taken = null;
    this.requestUpdate();
  }

  private async code(text: string): Promise<void> {
    try {
      this.gathered = gather(this.gathered, text);
      const whole = await joined(this.gathered);
      if (whole === null) return;
      this.gathered = null;
      this.stop();
      await this.bring(whole);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      this.trouble = NO_CODE;
    } finally {
      this.requestUpdate();
    }
  }

  private async scan(): Promise<void> {
    this.taken = null;
    await this.attempt(async () => {
      try {
        this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      } catch {
        throw new AppProblem(NO_CAMERA);
      }
    });
    await this.updateComplete;
    const video = this.querySelector("video");
    if (!video || !this.stream) return;
    video.srcObject = this.stream;
    await video.play().catch(() => undefined);
    const eyes = await reader();
    while (this.stream) {
      const found = await eyes.detect(video).catch(() => []);
      for (const { rawValue } of found) if (this.stream) await this.code(rawValue);
      await new Promise((done) => setTimeout(done, LOOK));
    }
  }

  private stop(): void {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.requestUpdate();
  }

  protected override render(): unknown {
    return html`${back("#/outbox", say("กล่องส่ง", "Outbox"))}
      <h1 tabindex="-1">${say("ฝากส่งและรับฝาก", "Pass on, take in")}</h1>
      <p class="lead">${say("ไม่มีสัญญาณ? ให้เครื่องของอาสาคนอื่นพารายงานไปส่ง รายงานลงนามไว้แล้ว คนที่พาไปส่งจึงแก้ไขไม่ได้", "No network? Another volunteer's phone can bring your reports. They are signed: whoever carries them cannot change them.")}</p>
      <section class="panel">
        <h2>${say("ฝากส่ง", "Pass on")}</h2>
        ${this.reports.length
          ? html`<p>${say(`มีรายงานที่ระบบยังไม่ได้รับ ${number(this.reports.length)} ฉบับ`, `${number(this.reports.length)} reports have not arrived yet`)}</p>
              <div class="pair">
                <button class="main" @click=${() => void this.showCodes()}>${mark("scan")} ${say("แสดงเป็น QR", "Show as QR")}</button>
                <button class="quiet" @click=${() => void this.share()}>${mark("share")} ${say("ส่งเป็นไฟล์", "As a file")}</button>
              </div>`
          : html`<p>${say("ทุกรายงานในเครื่องนี้ถึงระบบแล้ว ไม่มีอะไรต้องฝาก", "Every report on this phone has arrived; there is nothing to pass on.")}</p>`}
        ${this.pieces.length ? this.codes() : nothing}
      </section>
      <section class="panel">
        <h2>${say("รับฝาก", "Take in")}</h2>
        ${this.stream ? this.camera() : html`<div class="pair"><button class="main" @click=${() => void this.scan()}>${mark("scan")} ${say("สแกน QR", "Scan QR codes")}</button><label class="quiet filed">${say("เลือกไฟล์หรือรูป", "A file or picture")}<input type="file" class="unseen" multiple accept=".txt,text/plain,image/*" @change=${(event: Event) => void this.files(event)} /></label></div>`}
        ${this.gathered ? html`<p role="status">${say(`ได้ ${this.gathered.pieces.size} จาก ${this.gathered.count} ภาพ`, `${this.gathered.pieces.size} of ${this.gathered.count} codes`)}</p>` : nothing}
        ${this.taken ? this.took(this.taken) : nothing} ${this.taken?.full ? this.full(this.taken.full) : nothing} ${this.complaint()}
      </section>`;
  }

  private codes(): TemplateResult {
    const text = this.pieces[this.shown] ?? "";
    const many = this.pieces.length > 1;
    return html`<div class="codes">
      ${drawn(text, say(`QR ภาพที่ ${this.shown + 1} จาก ${this.pieces.length}`, `QR code ${this.shown + 1} of ${this.pieces.length}`))}
      ${many
        ? html`<div class="turning">
            <button class="quiet" aria-label=${say("ภาพก่อน", "Previous")} @click=${() => this.turn(-1)}>‹</button>
            <button class="quiet" @click=${() => this.hold()}>${this.turning ? say("หยุด", "Hold") : say("เล่นต่อ", "Go on")} ${this.shown + 1}/${this.pieces.length}</button>
            <button class="quiet" aria-label=${say("ภาพถัดไป", "Next")} @click=${() => this.turn(1)}>›</button>
          </div>`
        : nothing}
      <p class="small">${say("ให้อีกเครื่องเปิด “รับฝาก” แล้วสแกน เพิ่มความสว่างหน้าจอจะอ่านง่ายขึ้น", "Open “Take in” on the other phone and scan. A brighter screen helps.")}</p>
    </div>`;
  }

  private camera(): TemplateResult {
    return html`<div class="camera">
      <video muted playsinline aria-label=${say("ภาพจากกล้อง", "Camera")}></video>
      <button class="quiet" @click=${() => this.stop()}>${say("หยุดสแกน", "Stop")}</button>
    </div>`;
  }

  private took({ fresh, known, damaged }: Taken): TemplateResult {
    return html`<div class="notice" role="status">
      ${mark("check")}
      <p>
        <b>${say(`รับฝากรายงานไว้ ${fresh} ฉบับ`, `Took in ${fresh} reports`)}</b>
        ${known ? say(`มีอยู่แล้ว ${known} ฉบับ`, `${known} were here already`) : nothing} ${damaged ? say(`อ่านไม่ได้ ${damaged} ฉบับ`, `${damaged} could not be read`) : nothing}
      </p>
    </div>`;
  }

  private full(left: number): TemplateResult {
    return html`${complaint({
        code: "phone.carries_enough",
        title: { th: `เครื่องนี้รับฝากเต็มแล้ว ยังไม่ได้รับรายงานอีก ${number(left)} ฉบับ`, en: `This phone carries as much as it can: ${number(left)} more were not taken in` },
        detail: {
          th: "รายงานยังอยู่ในเครื่องของเจ้าของ ให้อาสาคนอื่นช่วยพาไป หรือรอให้เครื่องนี้ส่งของที่รับไว้ก่อนแล้วรับใหม่ รายงานของคุณเองบันทึกได้ตามปกติเสมอ",
          en: "They are still on the phones that they came from. Ask another volunteer to carry them, or take them in again once this phone has sent what it holds. Your own reports are saved as always.",
        },
      })}
      <button class="quiet" ?disabled=${this.busy} @click=${() => void this.giveUp()}>${say("ทิ้งที่รับฝากไว้ทั้งหมด", "Give up all that is carried")}</button>`;
  }
}

const TOO_LARGE = {
  code: "phone.file_too_large",
  title: { th: "ไฟล์นี้ใหญ่เกินกว่าไฟล์รายงาน", en: "This file is larger than any file of reports" },
  detail: { th: "เลือกไฟล์ที่ได้จากปุ่ม “ส่งเป็นไฟล์” ของแอปนี้", en: "Choose a file that “As a file” of this app has made." },
};
const NO_CODE = { code: "phone.no_code", title: { th: "ไม่พบ QR ของรายงานในภาพ", en: "There is no QR code of reports in the picture" } };
const NO_CAMERA = {
  code: "phone.no_camera",
  title: { th: "เปิดกล้องไม่ได้", en: "The camera cannot be used" },
  detail: { th: "อนุญาตให้ใช้กล้องในการตั้งค่า หรือถ่ายรูป QR แล้วเลือกรูป", en: "Allow it in the settings, or take a picture of the code and choose it." },
};
