// The last look before a form is sent: every figure with its words, the sums, the photographs. A difference is asked about once, never refused.
import { html, nothing, type TemplateResult } from "lit";
import type { Photograph } from "../app/facts";
import { say, told } from "../app/language";
import { HEADS } from "./form";
import type { SheetKit } from "./kit";
import { written } from "./numbers";
import { thaiWords } from "./numberwords";
import { inColor } from "./pieces";
import { checked, differences, type Figures } from "./sums";
import { headName, MARK, sumName, sumWord } from "./wording";

export interface Review {
  readonly paper: SheetKit;
  readonly figures: Figures;
  readonly photographs: readonly Photograph[];
  readonly asked: boolean;
  readonly sending: boolean;
  readonly replaces: boolean;
  readonly alarm: TemplateResult | typeof nothing;
  back(): void;
  ask(): void;
  send(): void;
}

export function review(its: Review): TemplateResult {
  const { paper, figures } = its;
  const unknown = paper.options.filter(({ number }) => figures.votes[String(number)] === null);
  return html`<div class="count-review" role="region" tabindex="0" aria-label=${say("ตรวจทานก่อนส่ง", "Check before sending")}>
      ${its.alarm}
      <ul class="count-sums">
        ${checked(figures).map(
          (sum) => html`<li data-sum=${sum.name} data-state=${sum.state}><i aria-hidden="true">${MARK[sum.state]}</i> <span>${sumName(sum)}</span> <b>${sumWord(sum)}</b></li>`,
        )}
      </ul>
      <p class="count-note">${photographsWord(its.photographs.length)}</p>
      ${unknown.length ? html`<p class="count-note">${say(`ว่าง ${unknown.length} บรรทัด จะส่งว่า “ไม่ทราบ” ไม่ใช่ 0`, `${unknown.length} lines are empty; they are sent as “unknown”, not as 0.`)}</p>` : nothing}
      <table class="count-lines">
        <caption>${say("เทียบกับแบบอีกครั้ง ทั้งตัวเลขและตัวอักษร", "Compare once more with the form, figures and words")}</caption>
        <tbody>
          ${HEADS.map((field) => line(html`${headName(field)}`, figures[field]))}
          ${paper.options.map((option) =>
            line(html`<b class="count-chip" .style=${inColor(option)}>${option.number}</b> ${told(option.name)}`, figures.votes[String(option.number)] ?? null),
          )}
        </tbody>
      </table>
    </div>
    ${its.asked ? question(its) : ready(its)}`;
}

function line(name: TemplateResult, value: number | null): TemplateResult {
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${value === null ? say("ไม่ทราบ", "unknown") : html`<b>${written(value)}</b> <small lang="th">${thaiWords(value)}</small>`}</td>
  </tr>`;
}

function photographsWord(many: number): string {
  if (many === 0) return say("ยังไม่มีภาพถ่าย ส่งตัวเลขก่อนได้ แล้วถ่ายเพิ่มทีหลัง", "No photograph yet. You can send the figures now and add it later.");
  return say(`มีภาพถ่าย ${many} รูป รูปจะตามไปเองเมื่อมีสัญญาณ`, many === 1 ? "1 photograph; it follows by itself." : `${many} photographs; they follow by themselves.`);
}

function ready(its: Review): TemplateResult {
  const odd = differences(its.figures).length > 0;
  return html`<div class="count-choices">
    <button type="button" @click=${its.back}>${say("กลับไปแก้", "Back to the form")}</button>
    <button type="button" class="count-main" ?disabled=${its.sending} @click=${odd ? its.ask : its.send}>
      ${its.replaces ? say("ส่งแทนของเดิม", "Send in place of it") : say("ส่งผลนี้", "Send it")}
    </button>
  </div>`;
}

function question(its: Review): TemplateResult {
  return html`<div class="count-question" role="alertdialog" aria-labelledby="count-question">
    <p id="count-question">
      ${differences(its.figures).map((sum) => html`<b>${sumName(sum)} · ${sumWord(sum)}</b>`)}
      ${say("ถ้าแบบเขียนไว้อย่างนี้จริง ส่งได้เลย ตัวเลขที่ไม่ลงตัวก็เป็นข้อมูลสำคัญ", "If the form really says so, send it. A difference is information too.")}
    </p>
    <div class="count-choices">
      <button type="button" @click=${its.back}>${say("กลับไปดูอีกที", "Look again")}</button>
      <button type="button" class="count-main" ?disabled=${its.sending} @click=${its.send}>${say("ส่งตามแบบ", "Send as written")}</button>
    </div>
  </div>`;
}
