// The outbox: every report of this phone and how far it came.
import { html, nothing, type TemplateResult } from "lit";
import { worthCarrying } from "../carry";
import { channelsOf } from "../channels";
import { all, get } from "../database";
import { Screen } from "../element";
import type { Errand, Kept } from "../facts";
import { clock, moment, say, told } from "../language";
import { mark } from "../marks";
import { shownTo, tally } from "../outbox";
import { current } from "../profiles";
import { sendNow } from "../pump";
import { messageOf } from "../texting";
import { sheetName, stageName, trail, wayName } from "../ways";

export class OutboxScreen extends Screen {
  protected override readonly shows = ["outbox", "errands", "settings", "kits", "profiles"] as const;
  private reports: Kept[] = [];
  private errands: Errand[] = [];
  private names = new Map<string, string>();
  /** Reports of others who use this phone that wait; they go out as well. */
  private others = 0;
  /** There is somewhere to send a text message to, and something that waits. */
  private textable = false;
  private last: { value: boolean; at: number } | undefined;

  protected override async load(): Promise<void> {
    const person = (await current())?.person;
    const everything = await all<Kept>("outbox");
    this.reports = shownTo(person, everything).sort((a, b) => b.made_at - a.made_at || b.seq - a.seq);
    this.others = tally(everything).waiting - tally(this.reports).waiting;
    this.errands = (await all<Errand>("errands")).filter((one) => one.person === person && (!one.done || (one.trouble && one.kind !== "training")));
    this.textable = (await channelsOf(person ?? "")).length > 0 && worthCarrying(this.reports).some((one) => one.person === person && messageOf(one.draft) !== null);
    this.last = await get("settings", "reached");
    for (const one of this.reports) if (!this.names.has(one.sheet)) this.names.set(one.sheet, await sheetName(one.sheet));
  }

  protected override render(): unknown {
    const { waiting, stopped, safe } = tally(this.reports);
    return html`<h1 tabindex="-1">${say("กล่องส่ง", "Outbox")}</h1>
      <section class="sum" data-mood=${stopped ? "stopped" : waiting ? "waiting" : "safe"} role="status">
        ${stopped
          ? html`<b>${say(`รายงานที่ต้องดู ${stopped} ฉบับ`, `${stopped} ${stopped === 1 ? "report needs" : "reports need"} you`)}</b>`
          : waiting
            ? html`<b>${say(`รายงานรอส่ง ${waiting} ฉบับ`, `${waiting} ${waiting === 1 ? "report waits" : "reports wait"}`)}</b>`
            : html`<b>${this.reports.length ? say("ทุกรายงานถึงแล้ว", "Everything has arrived") : say("ยังไม่มีรายงาน", "No reports yet")}</b>`}
        <p>
          ${safe ? say(`ถึงระบบแล้ว ${safe} ฉบับ`, `${safe} arrived`) : nothing}
          ${this.last?.at ? html` <span>${say("ติดต่อระบบล่าสุด", "Last contact")} ${clock(this.last.at)}</span>` : nothing}
        </p>
        ${this.others ? html`<p>${say(`รายงานของคนอื่นที่ใช้เครื่องนี้รอส่งอีก ${this.others} ฉบับ เครื่องจะส่งให้เอง`, `${this.others} more of others on this phone; they go out as well.`)}</p>` : nothing}
        ${waiting ? html`<p>${say("เก็บอยู่ในเครื่องอย่างปลอดภัย จะส่งเองเมื่อมีสัญญาณ", "They are safe on this phone and go out by themselves when there is a network.")}</p>` : nothing}
        <div class="pair">
          <button class="quiet" @click=${sendNow}>${say("ส่งตอนนี้", "Send now")}</button>
          <a class="quiet" href="#/carry">${say("ฝากส่ง / รับฝาก", "Pass on / take in")}</a>
          ${this.textable ? html`<a class="quiet" href="#/text">${say("ไม่มีเน็ต? ส่งเป็น SMS", "No data? Send as SMS")}</a>` : nothing}
        </div>
      </section>
      ${this.errands.map((one) => this.errand(one))}
      <ul class="cards">
        ${this.reports.map((one) => this.card(one))}
      </ul>`;
  }

  private errand(one: Errand): TemplateResult {
    const name = { "check-in": say("เช็กอินที่หน่วย", "Check-in"), training: say("ผลแบบทดสอบ", "Quiz"), drop: say("คืนหน้าที่", "Giving back a duty") }[one.kind];
    return html`<div class="notice">${mark("outbox")}<p><b>${name}</b> ${one.done ? say("ระบบไม่รับ", "was refused") : say("รอส่ง", "waits")} · ${clock(one.made_at)} ${one.trouble ? html`<br />${told(one.trouble.title)}` : nothing}</p></div>`;
  }

  private card(one: Kept): TemplateResult {
    return html`<li>
      <a class="card" href=${`#/report/${one.id}`} data-way=${one.way} data-again=${Boolean(one.again)}>
        <span class="card-head"><b>${stageName(one.stage)}</b><span>${moment(one.made_at)}</span></span>
        <span class="card-sheet">${this.names.get(one.sheet) ?? one.sheet}${one.person ? nothing : html` · ${say("รับฝากส่ง", "carried for somebody")}`}</span>
        ${trail(one)}
        <span class="card-way">${one.again ? say("ส่งใหม่ด้วยรหัสใหม่แล้ว", "Sent again under a new id") : wayName(one)}</span>
        ${one.trouble && !one.again ? html`<span class="card-trouble">${told(one.trouble.title)}</span>` : nothing}
      </a>
    </li>`;
  }
}
