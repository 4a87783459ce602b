// QR codes: drawn as SVG, read by the browser where it can, else by code that is loaded for it.
import { svg, html, type TemplateResult } from "lit";
import { encodeQR } from "qr";

/** A code as one path; a quiet border of four modules as the standard asks. */
export function drawn(text: string, label: string): TemplateResult {
  const rows = encodeQR(text, "raw", { ecc: "low", border: 4 });
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return html`<svg class="qr" viewBox=${`0 0 ${rows.length} ${rows.length}`} role="img" aria-label=${label} shape-rendering="crispEdges">
    <rect width="100%" height="100%" fill="#fff"></rect>
    ${svg`<path d=${path} fill="#000" />`}
  </svg>`;
}

interface Detector {
  detect(picture: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}
type Makes = { new (options: { formats: ["qr_code"] }): Detector; getSupportedFormats(): Promise<readonly string[]> };

export async function reader(): Promise<Detector> {
  const native = (globalThis as { BarcodeDetector?: Makes }).BarcodeDetector;
  const able = (await native?.getSupportedFormats().catch(() => [])) ?? [];
  if (native && able.includes("qr_code")) return new native({ formats: ["qr_code"] });
  const { BarcodeDetector } = await import("qr/decode.js");
  return new BarcodeDetector({ formats: ["qr_code"] });
}
