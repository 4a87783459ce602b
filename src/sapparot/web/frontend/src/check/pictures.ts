// QR codes in photographs and in what the camera sees: read by the browser where it can, else by code that is loaded only then.

export type Reader = (picture: ImageBitmap | HTMLVideoElement) => Promise<string | null>;

interface Detector {
  detect: (picture: ImageBitmap | HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}

type Makes = { new (options: { formats: string[] }): Detector; getSupportedFormats?: () => Promise<string[]> };

/** Pixels of the longer side: enough for a code of 97 modules that fills a third of the picture. */
const LONGER_SIDE = 1600;
const PHOTOGRAPH = { effort: Infinity, timeLimit: 3000 };

/** Returns what reads a code. A photograph is worth more effort than one of the many pictures of a camera. */
export async function reader(photograph: boolean): Promise<Reader> {
  const Made = (globalThis as { BarcodeDetector?: Makes }).BarcodeDetector;
  const formats = (await Made?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (Made && formats.includes("qr_code")) {
    const detector = new Made({ formats: ["qr_code"] });
    return async (picture) => (await detector.detect(picture))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import("qr/decode.js");
  return async (picture) => {
    const pixels = drawn(picture);
    try {
      return pixels && decodeQR(pixels, photograph ? PHOTOGRAPH : {});
    } catch {
      return null; // no code, or none that can be made out
    }
  };
}

const canvas = typeof document === "undefined" ? null : document.createElement("canvas");

function drawn(picture: ImageBitmap | HTMLVideoElement): ImageData | null {
  const [width, height] = "videoWidth" in picture ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height];
  const context = canvas?.getContext("2d", { willReadFrequently: true });
  if (!canvas || !context || !width || !height) return null;
  const scale = Math.min(1, LONGER_SIDE / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The text of the QR code in a picture; null when there is none. */
export async function codeIn(picture: Blob): Promise<string | null> {
  try {
    const read = await reader(true);
    return await read(await createImageBitmap(picture));
  } catch {
    return null; // not a picture that can be decoded
  }
}
