// QR codes in photographs, where the browser can read them by itself.
import { utf8, type Bytes } from "./bytes";

interface Detector {
  detect: (picture: ImageBitmap) => Promise<{ rawValue: string }[]>;
}

type Makes = { new (options: { formats: string[] }): Detector; getSupportedFormats?: () => Promise<string[]> };

function maker(): Makes | undefined {
  return (globalThis as { BarcodeDetector?: Makes }).BarcodeDetector;
}

export async function readsPictures(): Promise<boolean> {
  const formats = (await maker()?.getSupportedFormats?.().catch(() => [])) ?? [];
  return formats.includes("qr_code");
}

/** The text of the first QR code in a picture; null when there is none. */
export async function codeIn(picture: Blob): Promise<Bytes | null> {
  const Made = maker();
  if (!Made) return null;
  try {
    const [code] = await new Made({ formats: ["qr_code"] }).detect(await createImageBitmap(picture));
    return code ? utf8(code.rawValue) : null;
  } catch {
    return null; // not a picture that can be decoded
  }
}
