// How a report's way is said and drawn: the same words on every screen.
import { readJws, text } from "../check/jws";
import { html, type TemplateResult } from "lit";
import type { Kept, Stage, Way } from "./facts";
import { say, told } from "./language";
import { reached, STEPS, type Step } from "./outbox";
import { kit } from "./reports";
import { unit } from "./stations";
import { rightNow } from "./wire";

const STEP_NAMES: Record<Step, [string, string]> = {
  kept: ["อยู่ในเครื่อง", "On the phone"],
  sent: ["กำลังส่ง", "Sending"],
  accepted: ["ระบบรับแล้ว", "Accepted"],
  logged: ["อยู่ในบันทึกสาธารณะ", "In the public log"],
  confirmed: ["คะแนนยืนยันแล้ว", "Confirmed"],
};

export function stepName(step: Step): string {
  const [th, en] = STEP_NAMES[step];
  return say(th, en);
}

export function wayName(kept: Kept): string {
  if (kept.way === "refused") return say("ระบบไม่รับ", "Refused");
  if (kept.way === "conflict") return say("รหัสซ้ำกับรายงานอื่น", "Its id is used by another report");
  if (kept.way === "sent" && kept.tries > 0) return say("รอสัญญาณ จะส่งให้เอง", "Waiting for a network; goes by itself");
  if (kept.way === "accepted" && late(kept, rightNow())) return say("ระบบรับแล้ว แต่ยังไม่เข้าบันทึกสาธารณะตามคำสัญญา", "Accepted, but not in the log as promised");
  return stepName(kept.way);
}

/** A minute's grace: receipts are asked for from time to time, and clocks differ. */
const GRACE = 60_000;

/** Whether the moment has passed by which the report was promised to stand in the log. */
export function late(kept: Kept, now: number): boolean {
  if (kept.way !== "accepted") return false;
  try {
    const promise = readJws(String((kept.promise as { jws?: unknown } | undefined)?.jws)).payload;
    return now > Date.parse(text(promise, "received_at")) + Number(promise["max_delay"]) * 1000 + GRACE;
  } catch {
    return false;
  }
}

export function stageName(stage: Stage): string {
  const names: Record<Stage, string> = {
    progress: say("คะแนนระหว่างนับ", "Progress"),
    final: say("ผลสุดท้าย", "Final figures"),
    official: say("ตัวเลขทางการ", "Official figures"),
  };
  return names[stage];
}

/** The five steps as dots; screen readers hear the name of the step instead. */
export function trail(kept: Kept): TemplateResult {
  const at = reached(kept.way);
  const stopped: Way[] = ["refused", "conflict"];
  return html`<span class="trail" role="img" aria-label=${say(`ขั้นที่ ${at + 1} จาก 5: ${wayName(kept)}`, `Step ${at + 1} of 5: ${wayName(kept)}`)} data-stopped=${stopped.includes(kept.way)}>
    ${STEPS.map((_, step) => html`<i data-done=${step <= at}></i>`)}
  </span>`;
}

/** `หน่วย 3 บางรัก · แบ่งเขต`: from the kit where the phone has it, else the code. */
export async function sheetName(sheet: string): Promise<string> {
  const [station = "", ballot = ""] = sheet.split("/");
  const known = await kit(station);
  if (!known) return station.split("-").length < 3 ? `${say("ทั้งเขต", "Whole constituency")} ${station}` : sheet;
  const name = known.sheets.find((one) => one.ballot === ballot)?.name;
  return `${stationName(known)} · ${told(name) || ballot}`;
}

export function stationName(known: { station: { code: string }; areas: { name: { th: string; en: string } }[] }): string {
  return `${say("หน่วย", "Unit")} ${unit(known.station.code)} ${told(known.areas[0]?.name)}`;
}
