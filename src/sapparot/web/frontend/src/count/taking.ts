// From a picture file to a photograph that is kept: its hash, a look at it, and the small copy that goes first.
import { hex, sha256 } from "../check/bytes";
import { greyOf, look, type Look } from "./looking";
import { NOT_BEGUN, type PhotographKept } from "./photos";

/** Long side, in pixels, at which a picture is looked at: letters of a form that fills it are some ten pixels high. */
const LOOKED_AT = 1280;
const SMALL_SIDE = 1600;
const SMALL_QUALITY = 0.6;
/** The server takes no larger file; a picture of a 100-megapixel camera is made again at this long side. */
const LARGEST = 15_000_000;
const LARGE_SIDE = 4096;

export interface Place {
  readonly person: string;
  readonly sheet: string;
  readonly role: string;
  readonly page?: number;
}

export interface Taken {
  readonly photo: PhotographKept;
  /** Null where this phone cannot read the picture (HEIC, as a rule); the server can. */
  readonly look: Look | null;
}

export async function take(file: Blob, place: Place, now: number): Promise<Taken> {
  const picture = await createImageBitmap(file).catch(() => null);
  const original = file.size > LARGEST && picture ? await drawn(picture, LARGE_SIDE, 0.85) : file;
  const seen = picture ? lookAt(picture, place.role === "board" ? "board" : "page") : null;
  const small = picture ? await drawn(picture, SMALL_SIDE, SMALL_QUALITY) : null;
  picture?.close();
  // A small copy that saves nothing is none.
  const worth = small && small.size < original.size * 0.7 ? small : null;
  const photo: PhotographKept = {
    ...place,
    sha256: await hashOf(original),
    size: original.size,
    original,
    small: worth ?? (seen ? small : null),
    small_sha256: worth ? await hashOf(worth) : null,
    faults: seen?.faults ?? [],
    made_at: now,
    state: "kept",
    journeys: { small: worth ? NOT_BEGUN : { ...NOT_BEGUN, done: true }, original: NOT_BEGUN },
    wanted: false,
    put_aside: false,
    next_at: 0,
    tries: 0,
  };
  return { photo, look: seen };
}

export function lookAt(picture: ImageBitmap | HTMLVideoElement, of: "page" | "board", side = LOOKED_AT): Look {
  const { context, width, height } = canvasOf(picture, side);
  return look(greyOf(context.getImageData(0, 0, width, height).data, width, height), of);
}

async function drawn(picture: ImageBitmap, side: number, quality: number): Promise<Blob> {
  const { canvas } = canvasOf(picture, side);
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/jpeg", quality));
}

function canvasOf(picture: ImageBitmap | HTMLVideoElement, side: number): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D; width: number; height: number } {
  const [wide, high] = picture instanceof HTMLVideoElement ? [picture.videoWidth, picture.videoHeight] : [picture.width, picture.height];
  const scale = Math.min(1, side / Math.max(wide, high));
  const canvas = document.createElement("canvas");
  const width = (canvas.width = Math.max(1, Math.round(wide * scale)));
  const height = (canvas.height = Math.max(1, Math.round(high * scale)));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  return { canvas, context, width, height };
}

async function hashOf(blob: Blob): Promise<string> {
  return hex(await sha256(new Uint8Array(await blob.arrayBuffer())));
}
