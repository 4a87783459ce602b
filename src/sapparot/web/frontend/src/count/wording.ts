// Sentences of the form, in both languages.
import { AppProblem } from "../app/facts";
import { say, told } from "../app/language";
import type { Head } from "./form";
import type { Fault } from "./looking";
import { written } from "./numbers";
import type { Sum } from "./sums";

export function headName(head: Head): string {
  switch (head) {
    case "eligible":
      return say("ผู้มีสิทธิเลือกตั้ง", "Eligible voters");
    case "ballots_cast":
      return say("ผู้มาใช้สิทธิ (บัตรที่ใช้)", "Ballots cast");
    case "valid":
      return say("บัตรดี", "Valid ballots");
    case "spoiled":
      return say("บัตรเสีย", "Spoiled ballots");
    case "no_vote":
      return say("ไม่เลือกผู้ใด", "No vote");
  }
}

/** What is added up, and against what: `คะแนน 241 จากบัตรดี 247`. */
export function sumName({ name, got, wanted }: Sum): string {
  const to = wanted === null ? "–" : written(wanted);
  if (name === "votes") return say(`คะแนนรวม ${written(got)} จากบัตรดี ${to}`, `Votes ${written(got)} of ${to} valid`);
  if (name === "ballots") return say(`บัตรรวม ${written(got)} จากผู้มาใช้สิทธิ ${to}`, `Ballots ${written(got)} of ${to} cast`);
  return say(`ผู้มาใช้สิทธิ ${written(got)} จากผู้มีสิทธิ ${to}`, `Cast ${written(got)} of ${to} eligible`);
}

export function sumWord({ state, by, name }: Sum): string {
  if (state === "right") return say("ตรงกัน", "Matches");
  if (state === "open") return say("ยังบอกไม่ได้", "Not known yet");
  if (name === "people") return say(`เกินมา ${written(by)} คน`, `${written(by)} too many`);
  if (state === "over") return say(`เกินมา ${written(by)} ใบ`, by === 1 ? "1 ballot too many" : `${written(by)} ballots too many`);
  return say(`ยังขาดอีก ${written(by)} ใบ`, by === 1 ? "1 ballot is missing" : `${written(by)} ballots are missing`);
}

/** Why something is not on the disk: as a rule the phone is full. */
export function whyNotSaved(fault: unknown, full: string): string {
  return fault instanceof AppProblem && fault.trouble.code === "phone.nobody" ? told(fault.trouble.title) : full;
}

export const MARK: Record<Sum["state"], string> = { right: "✓", missing: "!", over: "!", open: "…" };

/** What is wrong with a picture, and what to do about it. */
export function faultWord(fault: Fault): string {
  switch (fault) {
    case "blurred":
      return say("ไม่ชัด ถือนิ่ง ๆ แตะจอให้โฟกัส แล้วถ่ายใหม่", "Blurred. Hold still, tap to focus, take it again.");
    case "dark":
      return say("มืดไป หาที่สว่างกว่านี้", "Too dark. Find more light.");
    case "glare":
      return say("มีแสงสะท้อน เอียงหรือขยับหลบไฟ", "Glare. Move away from the lamp.");
    case "no_edges":
      return say("มองไม่เห็นขอบกระดาษ วางบนพื้นสีเข้ม", "The edges of the paper are not seen. Put it on a dark ground.");
    case "cut_off":
      return say("กระดาษไม่เต็มใบ ถอยออกมา หรือวางบนพื้นสีเข้ม", "The page is cut off. Step back, or put it on a dark ground.");
    case "far":
      return say("ไกลไป เข้าไปใกล้อีก", "Too far away. Come closer.");
  }
}
