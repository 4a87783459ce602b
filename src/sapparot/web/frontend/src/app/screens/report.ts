// One report: its way step by step, what to do when it stopped, its receipt as a card to share.
import { html, nothing, type TemplateResult } from "lit";
import { channelsOf } from "../channels";
import { change, get } from "../database";
import type { PhotographKept } from "../../count/photos";
import { back, complaint, Screen } from "../element";
import type { Kept, Proved } from "../facts";
import { clock, link, moment, number, say, told } from "../language";
import { mark } from "../marks";
import { reached, shownTo, STEPS } from "../outbox";
import { current } from "../profiles";
import { send } from "../pump";
import { again } from "../reports";
import { messageOf } from "../texting";
import { late, sheetName, stageName, stepName, wayName } from "../ways";
import { cosignersOf, drawnReceipt, shareReceipt } from "../receipt-card";
import { rightNow } from "../wire";

/** Refusals after which the same figures may be signed again. */
const MAY_BE_SIGNED_AGAIN = new Set(["intake.personal_data", "intake.place_too_exact", "intake.ambiguous", "intake.not_a_report", "intake.bad_signature", "intake.device_unknown"]);

export class ReportScreen extends Screen {
  static override properties = { report: { attribute: false } };
  declare report: string;
  protected override readonly shows = ["outbox", "receipts", "photographs"] as const;
  private kept: Kept | undefined;
  private looked = false;
  private proved: Proved | undefined;
  private name = "";
  private textable = false;
  /** The photographs that the report names, as far as this phone has them. */
  private photographs: PhotographKept[] = [];

  protected override async load(): Promise<void> {
    const kept = await get<Kept>("outbox", this.report);
    // Somebody else who uses this phone sees their own.
    this.kept = kept && shownTo((await current())?.person, [kept])[0];
    this.proved = this.kept && (await get<Proved>("receipts", this.report));
    this.looked = true;
    if (this.kept) this.name = await sheetName(this.kept.sheet);
    const named = (this.kept?.draft.evidence ?? []).map(({ sha256 }) => get<PhotographKept>("photographs", sha256));
    this.photographs = (await Promise.all(named)).filter((one): one is PhotographKept => one !== undefined);
    const waits = this.kept?.person && (this.kept.way === "kept" || this.kept.way === "sent") && messageOf(this.kept.draft);
    this.textable = Boolean(waits) && (await channelsOf(this.kept?.person ?? "")).length > 0;
  }

  private async signAgain(): Promise<void> {
    const old = this.kept;
    if (!old) return;
    await this.attempt(async () => {
      const made = await again(old, Date.now());
      send();
      location.hash = `#/report/${made.id}`;
    });
  }

  private async tryAgain(): Promise<void> {
    await change<Kept>("outbox", this.report, (old) => (old ? { ...old, way: "kept", next_at: 0, tries: 0 } : null));
    send();
  }

  protected override render(): unknown {
    const { kept } = this;
    if (!this.looked) return nothing;
    if (!kept) return html`${back("#/outbox", say("กล่องส่ง", "Outbox"))}<h1 tabindex="-1">${say("ไม่มีรายงานนี้ในเครื่อง", "This report is not on this phone")}</h1>`;
    return html`${back("#/outbox", say("กล่องส่ง", "Outbox"))}
      <h1 tabindex="-1">${stageName(kept.stage)}</h1>
      <p class="lead">${this.name}<br /><span class="small">${moment(kept.made_at)}</span></p>
      ${this.steps(kept)} ${this.textable ? html`<a class="quiet" href="#/text">${say("ไม่มีเน็ตแต่มีขีดสัญญาณ? ส่งเป็นข้อความ", "No data but bars? Send as a text message")}</a>` : nothing} ${this.stopped(kept)} ${this.pictures()} ${this.proved ? this.card(kept, this.proved) : nothing} ${this.figures(kept)} ${this.complaint()}`;
  }

  private steps(kept: Kept): TemplateResult {
    const at = reached(kept.way);
    const stopped = kept.way === "refused" || kept.way === "conflict";
    return html`<ol class="way" data-stopped=${stopped}>
      ${STEPS.map((step, place) => {
        const said = place === at && !stopped ? wayName(kept) : stepName(step);
        return html`<li data-done=${place <= at && !(stopped && place === at)} data-now=${place === at}><i aria-hidden="true">${place < at || (place === at && !stopped && kept.way !== "sent" && kept.way !== "kept") ? "✓" : ""}</i><span>${said}${place === at ? html`<small>${this.hint(kept)}</small>` : nothing}</span></li>`;
      })}
    </ol>`;
  }

  private hint(kept: Kept): string {
    if (kept.way === "kept" || kept.way === "sent") return kept.next_at > Date.now() ? say(`จะลองส่งอีกครั้ง ${clock(kept.next_at)}`, `Next try at ${clock(kept.next_at)}`) : say("กำลังจะส่ง", "Goes out now");
    if (kept.way === "accepted") return late(kept, rightNow()) ? say("แจ้งเครือข่ายของคุณ พร้อมส่งออกรายงานนี้เป็นไฟล์", "Tell your network, and export this report as a file") : say("ระบบเก็บไว้ปลอดภัยแล้ว พร้อมคำสัญญาที่ลงนามว่าจะลงบันทึกสาธารณะ", "On the server's disk, with a signed promise");
    if (kept.way === "logged") return kept.state === "disputed" ? say("คะแนนหน่วยนี้มีข้อโต้แย้ง ศูนย์ปฏิบัติการกำลังตรวจ", "This sheet is disputed; the war room is looking into it") : say("เครื่องนี้พิสูจน์ใบรับแล้ว รอแหล่งอื่นยืนยัน", "Proved on this phone; waits for another source to agree");
    if (kept.way === "confirmed") return say("มีแหล่งอิสระยืนยันตรงกัน ขอบคุณมาก", "Independent sources agree. Thank you.");
    return "";
  }

  private stopped(kept: Kept): TemplateResult | typeof nothing {
    if (kept.again) return html`<p class="notice">${say("ส่งใหม่ด้วยรหัสใหม่แล้ว", "Sent again under a new id")} <a href=${`#/report/${kept.again}`}>${say("ดูรายงานใหม่", "See it")}</a></p>`;
    if (kept.way !== "refused" && kept.way !== "conflict") return kept.trouble ? complaint(kept.trouble) : nothing;
    const code = kept.trouble?.code ?? "";
    const revoked = code.endsWith("device_revoked");
    const signable = Boolean(kept.person) && (kept.way === "conflict" || MAY_BE_SIGNED_AGAIN.has(code));
    return html`${complaint(kept.trouble)}
      <section class="panel">
        <h2>${say("ทำอย่างไรต่อ", "What to do")}</h2>
        ${revoked
          ? html`<p>${say("เครื่องนี้ถูกแจ้งหายหรือถูกเพิกถอน รายงานที่เครื่องนี้ลงนามจึงไม่นับ ถ้าเครื่องอยู่กับคุณจริง เข้าใช้ใหม่เพื่อรับกุญแจใหม่ แล้วส่งตัวเลขอีกครั้ง", "This phone was reported lost or revoked, so reports signed by it do not count. If it is in your hands, sign in again to get a new key, then send the figures again.")}</p>
              <a class="main" href="#/devices">${say("ไปหน้าเครื่องของฉัน", "My devices")}</a>`
          : signable
            ? html`<p>${say("ตัวเลขยังอยู่ครบ ลงนามใหม่ด้วยรหัสใหม่แล้วส่งได้ทันที", "The figures are all here. Sign them again under a new id and send.")}</p>
                <button class="main" ?disabled=${this.busy} @click=${() => void this.signAgain()}>${say("ลงนามใหม่แล้วส่ง", "Sign again and send")}</button>`
            : html`<p>${say("เก็บรายงานนี้ไว้ แล้วแจ้งหัวหน้าเขตหรือเครือข่ายของคุณ", "Keep this report and tell your constituency head or network.")}</p>`}
        ${revoked ? nothing : html`<button class="quiet" @click=${() => void this.tryAgain()}>${say("ลองส่งอย่างเดิมอีกครั้ง", "Try the same bytes again")}</button>`}
      </section>`;
  }

  private pictures(): TemplateResult | typeof nothing {
    if (this.photographs.length === 0) return nothing;
    const arrived = this.photographs.filter((one) => one.state === "done").length;
    return html`<section class="panel">
      <h2>${say(`ภาพถ่าย ถึงแล้ว ${arrived} จาก ${this.photographs.length} รูป`, `Photographs: ${arrived} of ${this.photographs.length} arrived`)}</h2>
      <ul class="rows">
        ${this.photographs.map((one) => html`<li class="row"><span>${pictureName(one)}<small>${pictureWay(one)}</small></span>${one.proved === undefined ? nothing : html`<span class="good">✓</span>`}</li>`)}
      </ul>
    </section>`;
  }

  private card(kept: Kept, proved: Proved): TemplateResult {
    return html`<section class="receipt" aria-labelledby="receipt-title">
      <h2 id="receipt-title">${mark("check")} ${say("ใบรับ", "Receipt")}</h2>
      <p>${say(`รายการที่ ${number(proved.index)} ของบันทึกสาธารณะ พิสูจน์บนเครื่องนี้เมื่อ ${moment(proved.proved_at)}`, `Entry ${number(proved.index)} of the public log, proved on this phone ${moment(proved.proved_at)}`)}</p>
      <dl class="pairs">
        <div><dt>${say("เครือข่าย", "Network")}</dt><dd>${told(proved.network)}</dd></div>
        <div><dt>${say("บันทึกสาธารณะ", "Log")}</dt><dd>${proved.log}</dd></div>
        <div><dt>${say("ผู้ร่วมลงนาม", "Cosigners")}</dt><dd>${cosignersOf(proved)}</dd></div>
      </dl>
      ${drawnReceipt(proved)}
      <div class="pair">
        <button class="main" @click=${() => void shareReceipt(kept, proved, this.name)}>${mark("share")} ${say("แบ่งปันใบรับ", "Share")}</button>
        <a class="quiet" href=${`${link("/check")}#entry=${proved.index}`}>${say("ตรวจในหน้าสาธารณะ", "Check in public")}</a>
      </div>
    </section>`;
  }

  private figures(kept: Kept): TemplateResult {
    const { votes, valid, spoiled, no_vote, ballots_cast } = kept.draft;
    const rows: [string, number | undefined][] = [
      ...Object.entries(votes ?? {}).sort(([a], [b]) => Number(a) - Number(b)).map(([option, count]): [string, number] => [say(`เบอร์ ${option}`, `No. ${option}`), count]),
      [say("บัตรดี", "Valid"), valid],
      [say("บัตรเสีย", "Spoiled"), spoiled],
      [say("ไม่เลือกผู้ใด", "No vote"), no_vote],
      [say("ผู้มาใช้สิทธิ", "Ballots cast"), ballots_cast],
    ];
    return html`<details class="panel"><summary>${say("ตัวเลขที่ส่ง", "What was reported")}</summary>
      <dl class="pairs">${rows.filter(([, count]) => count !== undefined).map(([name, count]) => html`<div><dt>${name}</dt><dd>${number(count)}</dd></div>`)}</dl>
      <p class="small">${say("รหัส", "Id")} <code>${kept.said_id ?? kept.id}</code></p>
    </details>`;
  }
}

function pictureName({ role, page }: PhotographKept): string {
  if (role === "board") return say("กระดานคะแนน", "The tally board");
  return page ? say(`แบบรายงานผล หน้า ${page}`, `The form, page ${page}`) : say("แบบรายงานผล", "The form");
}

function pictureWay(photo: PhotographKept): string {
  if (photo.proved !== undefined) return say(`อยู่ในบันทึกสาธารณะ รายการที่ ${number(photo.proved)}`, `In the public log, entry ${number(photo.proved)}`);
  switch (photo.state) {
    case "done":
      return say("ระบบรับรูปเต็มแล้ว กำลังเข้าบันทึกสาธารณะ", "The server has it; it is going into the log");
    case "small":
      return say("รูปย่อถึงแล้ว รูปเต็มจะตามไปเอง", "The small copy arrived, the original follows by itself");
    case "refused":
      return told(photo.trouble?.title) || say("ระบบไม่รับรูปนี้", "Not accepted");
    default:
      return say("อยู่ในเครื่อง จะส่งเองเมื่อมีสัญญาณ", "On the phone; goes out by itself when there is a network");
  }
}
