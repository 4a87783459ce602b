// <count-photographs>: the pages of the form and the board, one place for each; taken, looked at, kept, and named in the report.
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { watch } from "../app/database";
import type { Photograph } from "../app/facts";
import { say, told } from "../app/language";
import type { CountCamera } from "./camera";
import type { FormKit } from "./kit";
import { evidenceOf, keep, photographsOf, putAside, wantNow, type PhotographKept } from "./photos";
import { feel } from "./senses";
import { take } from "./taking";
import { faultWord } from "./wording";

/** A place that a photograph is asked for. */
interface Slot {
  readonly role: string;
  readonly page?: number;
  readonly name: string;
}

const EVERY = 64;
/** Milliseconds: a slow phone needs two or three seconds. */
const PATIENCE = 15_000;
let looking: Promise<void> = Promise.resolve();

/** Resolves when the picture that was taken last has been looked at and is kept; one that takes for ever holds no figures back. */
export async function lookedAt(): Promise<void> {
  await Promise.race([looking.catch(() => undefined), new Promise((on) => setTimeout(on, PATIENCE))]);
}

export class CountPhotographs extends LitElement {
  static override properties = { person: {}, sheet: {}, forms: { attribute: false }, official: { attribute: false }, felt: { attribute: false } };
  person = "";
  sheet = "";
  forms: readonly FormKit[] = [];
  official = false;
  /** Whether the phone vibrates when a picture was taken. */
  felt = false;
  private photos: readonly PhotographKept[] = [];
  private busy = "";
  private trouble = "";
  private unwatch: (() => void) | null = null;

  override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.unwatch = watch((store) => {
      if (store === "photographs") void this.load();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unwatch?.();
  }

  protected override willUpdate(changes: PropertyValues): void {
    if (changes.has("sheet") || changes.has("person")) {
      this.photos = [];
      void this.load();
    }
  }

  protected override updated(): void {
    for (const canvas of this.querySelectorAll<HTMLCanvasElement>("canvas[data-photo]")) void this.draw(canvas);
  }

  private async load(): Promise<void> {
    const { person, sheet } = this;
    const photos = await photographsOf(person, sheet);
    if (person !== this.person || sheet !== this.sheet) return;
    const named = (of: readonly PhotographKept[]): string => JSON.stringify(evidenceOf(of));
    const other = named(photos) !== named(this.photos);
    this.photos = photos;
    this.requestUpdate();
    if (other) this.dispatchEvent(new CustomEvent<readonly Photograph[]>("count-photographs", { bubbles: true, composed: true, detail: evidenceOf(photos) }));
  }

  private get slots(): Slot[] {
    const pages = this.forms.reduce((sum, form) => sum + form.pages, 0) || 1;
    const form = (page: number): Slot => ({
      role: "form",
      page,
      name: pages === 1 ? say("แบบรายงานผล", "The form") : say(`แบบรายงานผล หน้า ${page}`, `The form, page ${page}`),
    });
    const wanted = Array.from({ length: pages }, (_, index) => form(index + 1));
    if (!this.official) wanted.push({ role: "board", name: say("กระดานคะแนน", "The tally board") });
    // A station may use more sheets of paper than the rule book says: there is always room for one more page.
    const further = this.photos.filter((photo) => photo.role === "form" && (photo.page ?? 0) > pages).map((photo) => photo.page ?? 0);
    return [...wanted, ...[...new Set(further)].map(form)];
  }

  protected override render(): TemplateResult {
    const code = this.forms.map((each) => each.code).join(", ");
    return html`<section class="count-photos" aria-label=${say("ภาพถ่าย", "Photographs")}>
      <h2>${this.official ? say("ภาพประกาศผลทางการ", "Photograph of the official result") : say(`ภาพถ่าย ${code}`, `Photographs ${code}`)}</h2>
      ${this.trouble ? html`<p class="count-alarm" role="alert">${this.trouble}</p>` : nothing}
      <ul>
        ${this.slots.map((slot) => this.place(slot))}
      </ul>
      <label class="count-further">
        <input type="file" accept="image/*" capture="environment" ?disabled=${this.busy !== ""} @change=${(event: Event) => this.chosen(event, this.further())} />
        <span>${say("+ เพิ่มอีกหน้า", "+ One more page")}</span>
      </label>
      <count-camera @count-taken=${(event: CustomEvent<{ file: Blob; slot: Slot }>) => this.brought(event.detail.file, event.detail.slot)}></count-camera>
    </section>`;
  }

  private further(): Slot {
    const pages = this.slots.filter(({ role }) => role === "form").map(({ page }) => page ?? 0);
    return { role: "form", page: Math.max(0, ...pages) + 1, name: "" };
  }

  private place(slot: Slot): TemplateResult {
    const photo = this.photos.find(({ role, page }) => role === slot.role && page === slot.page);
    const busy = this.busy === slot.role + (slot.page ?? "");
    return html`<li data-role=${slot.role} data-page=${slot.page ?? nothing} data-state=${photo ? (photo.faults.length ? "faulty" : "good") : "none"}>
      ${photo?.small ? html`<canvas data-photo=${photo.sha256} role="img" aria-label=${slot.name}></canvas>` : html`<span class="count-frame" aria-hidden="true">${photo ? "✓" : slot.role === "board" ? "▦" : "▤"}</span>`}
      <div>
        <h3>${slot.name}</h3>
        <p>${busy ? say("กำลังดูรูป…", "Looking at it …") : this.verdict(slot, photo)}</p>
        ${photo ? this.way(photo) : nothing}
        <div class="count-shoot">
          <label>
            <input type="file" accept="image/*" capture="environment" ?disabled=${this.busy !== ""} @change=${(event: Event) => this.chosen(event, slot)} />
            <span>${photo ? say("ถ่ายใหม่", "Take again") : say("ถ่ายรูป", "Take it")}</span>
          </label>
          ${"mediaDevices" in navigator
            ? html`<button type="button" ?disabled=${this.busy !== ""} @click=${() => this.aim(slot)}>${say("กล้องช่วยเล็ง", "Guided camera")}</button>`
            : nothing}
        </div>
      </div>
    </li>`;
  }

  private verdict(slot: Slot, photo: PhotographKept | undefined): string {
    if (!photo) {
      return slot.role === "board"
        ? say("ถือตรง ๆ ให้เห็นทั้งกระดานและตัวเลขชัด", "Hold straight; the whole board, figures readable")
        : say("วางบนพื้นสีเข้ม ให้เห็นครบสี่มุม ไม่มีเงา", "On a dark ground, all four corners, no shadow");
    }
    if (photo.faults.length) return photo.faults.map((fault) => faultWord(fault)).join(" ");
    return photo.small ? say("ชัดดี", "Clear") : say("เก็บแล้ว เครื่องนี้เปิดดูไม่ได้ แต่ส่งได้", "Kept. This phone cannot show it, but can send it.");
  }

  private way(photo: PhotographKept): TemplateResult | typeof nothing {
    switch (photo.state) {
      case "done":
        return html`<p class="count-way">${say("ส่งถึงแล้วทั้งรูป", "Arrived, the original too")}</p>`;
      case "refused":
        return html`<p class="count-way" data-refused>${say("ส่งไม่ได้:", "Not accepted:")} ${told(photo.trouble?.title)}</p>`;
      case "small":
        return html`<p class="count-way">${say("รูปย่อส่งถึงแล้ว รูปเต็มจะตามไป", "The small copy arrived, the original follows")}
          ${photo.wanted ? nothing : html`<button type="button" @click=${() => void wantNow(photo.sha256)}>${say("ส่งรูปเต็มเลย", "Send it now")}</button>`}</p>`;
    }
    return nothing;
  }

  private chosen(event: Event, slot: Slot): void {
    const input = event.target as HTMLInputElement;
    const [file] = Array.from(input.files ?? []);
    input.value = "";
    if (file) this.brought(file, slot);
  }

  private brought(file: Blob, slot: Slot): void {
    if (!this.busy) looking = this.bring(file, slot);
  }

  private async bring(file: Blob, { role, page }: Slot): Promise<void> {
    const place = { person: this.person, sheet: this.sheet, role, ...(page === undefined ? {} : { page }) };
    const before = this.photos.filter((photo) => photo.role === role && photo.page === page);
    this.busy = role + (page ?? "");
    this.trouble = "";
    this.requestUpdate();
    try {
      const { photo } = await take(file, place, Date.now());
      await keep(photo);
      for (const old of before) if (old.sha256 !== photo.sha256) await putAside(old);
      if (this.felt) feel(photo.faults.length ? "refused" : "counted");
    } catch {
      this.trouble = say("เก็บรูปไม่ได้ เครื่องอาจเต็ม ลบรูปหรือวิดีโอเก่า แล้วถ่ายอีกครั้ง", "The picture could not be kept; the phone may be full. Delete old pictures or videos and take it again.");
    }
    this.busy = "";
    await this.load();
    this.requestUpdate();
  }

  private aim(slot: Slot): void {
    void this.querySelector<CountCamera>("count-camera")?.open(slot);
  }

  /** The page's policy shows no pictures from memory; a canvas is drawn by the script itself. */
  private async draw(canvas: HTMLCanvasElement): Promise<void> {
    const photo = this.photos.find(({ sha256 }) => sha256 === canvas.dataset["photo"]);
    if (!photo?.small || canvas.dataset["drawn"] === photo.sha256) return;
    canvas.dataset["drawn"] = photo.sha256;
    const picture = await createImageBitmap(photo.small).catch(() => null);
    if (!picture) return;
    const scale = (2 * EVERY) / Math.min(picture.width, picture.height);
    canvas.width = canvas.height = 2 * EVERY;
    const [width, height] = [picture.width * scale, picture.height * scale];
    canvas.getContext("2d")?.drawImage(picture, EVERY - width / 2, EVERY - height / 2, width, height);
    picture.close();
  }
}
