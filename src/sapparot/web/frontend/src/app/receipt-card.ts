// A receipt as a card: a QR code that leads to the public check, and a picture with it to share.
import type { TemplateResult } from "lit";
import { encodeQR } from "qr";
import { drawn } from "./codes";
import type { Kept, Proved } from "./facts";
import { link, moment, number, say, told } from "./language";
import { stageName } from "./ways";

const WIDE = 1080;
const HIGH = 1350;

/** Where anybody checks the entry: the number stands behind the #, so the reader's own browser does the work. */
export function address(proved: Proved): string {
  return `${location.origin}${link("/check")}#entry=${proved.index}`;
}

/** Who stands behind the receipt besides the log, in words: only what this phone verified is counted. */
export function cosignersOf({ verdict, cosigners, all }: Pick<Proved, "verdict" | "cosigners" | "all">): string {
  if (verdict === "holds") return all ? say(`ผู้ร่วมลงนามครบจำนวนแล้ว (${cosigners} จาก ${all})`, `cosigned by enough (${cosigners} of ${all})`) : say("ผู้ร่วมลงนามครบจำนวนแล้ว", "cosigned by enough");
  if (all === 0) return say("บันทึกสาธารณะลงนามเอง ไม่ได้กำหนดให้มีผู้ร่วมลงนาม", "signed by the log; no cosigner is asked");
  return all ? say(`ผู้ร่วมลงนามยังไม่ครบจำนวน (${cosigners} จาก ${all})`, `not yet cosigned by enough (${cosigners} of ${all})`) : say("ผู้ร่วมลงนามยังไม่ครบจำนวน", "not yet cosigned by enough");
}

export function drawnReceipt(proved: Proved): TemplateResult {
  return drawn(address(proved), say("QR สำหรับตรวจใบรับนี้", "QR code to check this receipt"));
}

export async function shareReceipt(kept: Kept, proved: Proved, name: string): Promise<void> {
  const picture = await drawnCard(kept, proved, name);
  const file = new File([picture], `sapparot-receipt-${proved.index}.png`, { type: "image/png" });
  const text = new File([proved.receipt], `sapparot-receipt-${proved.index}.txt`, { type: "text/plain" });
  if (navigator.canShare?.({ files: [file] })) {
    await navigator.share({ files: [file], text: address(proved) }).catch(() => undefined);
    return;
  }
  for (const one of [file, text]) {
    const at = URL.createObjectURL(one);
    Object.assign(document.createElement("a"), { href: at, download: one.name }).click();
    setTimeout(() => URL.revokeObjectURL(at), 60_000);
  }
}

async function drawnCard(kept: Kept, proved: Proved, name: string): Promise<Blob> {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDE, height: HIGH });
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  const family = getComputedStyle(document.body).fontFamily;
  const line = (words: string, y: number, size: number, weight = 400, colour = "#14181d"): void => {
    pen.font = `${weight} ${size}px ${family}`;
    pen.fillStyle = colour;
    pen.fillText(words, WIDE / 2, y, WIDE - 160);
  };
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, WIDE, HIGH);
  pen.fillStyle = "#0b5563";
  pen.fillRect(0, 0, WIDE, 150);
  pen.textAlign = "center";
  line(say("ใบรับจากบันทึกสาธารณะ", "Receipt from the public log"), 98, 52, 600, "#ffffff");
  line(name, 250, 50, 600);
  line(`${stageName(kept.stage)} · ${moment(kept.made_at)}`, 325, 38, 400, "#57616b");
  code(pen, address(proved), 250, 390, WIDE - 500);
  line(say(`รายการที่ ${number(proved.index)}`, `Entry ${number(proved.index)}`), 1060, 56, 600);
  line(told(proved.network), 1130, 38);
  line(say("สแกนเพื่อตรวจด้วยตัวเอง ไม่มีใครแก้รายการนี้ได้", "Scan to check it yourself. Nobody can change this entry."), 1205, 36, 400, "#57616b");
  line(`${proved.log} · ${cosignersOf(proved)}`, 1270, 30, 400, "#57616b");
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"));
}

function code(pen: CanvasRenderingContext2D, text: string, left: number, top: number, width: number): void {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 2 });
  const each = width / rows.length;
  pen.fillStyle = "#000000";
  rows.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect(left + Math.floor(x * each), top + Math.floor(y * each), Math.ceil(each), Math.ceil(each))));
}
