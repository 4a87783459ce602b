// Photographs of forms that never existed: paper with small print on a dark table, seen from any angle, blurred, dimmed, lit by a lamp.
import type { Grey } from "../src/count/looking";

export interface Scene {
  /** Corners of the paper as shares of the picture, clockwise from the upper left. */
  readonly paper?: readonly (readonly [number, number])[];
  readonly table?: number;
  readonly white?: number;
  readonly noise?: number;
  /** Radius of a box blur that is applied twice, in pixels; motion and bad focus look like it. One half: once with radius 1, as a cheap lens. */
  readonly blur?: number;
  /** Radius of a lamp's reflection as a share of the width. */
  readonly lamp?: number;
  readonly seed?: number;
}

export const FULL_PAGE = [
  [0.08, 0.06],
  [0.93, 0.07],
  [0.95, 0.94],
  [0.06, 0.95],
] as const;

/** Half of what a phone looks at, with half as many lines: the print is as small, and the tests are four times as quick. */
export const WIDTH = 480;
export const HEIGHT = 640;

export function picture({ paper = FULL_PAGE, table = 60, white = 215, noise = 3, blur = 0, lamp = 0, seed = 1 }: Scene): Grey {
  const at = new Float32Array(WIDTH * HEIGHT);
  const chance = chances(seed);
  const corners = paper.map(([x, y]) => [x * WIDTH, y * HEIGHT] as const);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const place = corners.length ? within(corners, x, y) : null;
      at[y * WIDTH + x] = place ? (printed(place[0], place[1], seed) ? white * 0.2 : white) : table;
    }
  }
  if (lamp) shine(at, lamp * WIDTH);
  const soft = blur === 0.5 ? blurred(at, 1) : blur ? blurred(blurred(at, blur), blur) : at;
  const seen = new Uint8Array(soft.length);
  soft.forEach((value, index) => (seen[index] = Math.max(0, Math.min(255, value + (chance() - 0.5) * 2 * noise))));
  return { width: WIDTH, height: HEIGHT, at: seen };
}

function chances(seed: number): () => number {
  let state = seed * 7919 + 17;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Where a point lies on the paper, as shares of its width and height; null outside (bilinear, by bisection of both directions). */
function within(corners: readonly (readonly [number, number])[], x: number, y: number): [number, number] | null {
  const [a, b, c, d] = corners as [readonly [number, number], readonly [number, number], readonly [number, number], readonly [number, number]];
  const side = (p: readonly [number, number], q: readonly [number, number]): number => (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]);
  if (side(a, b) < 0 || side(b, c) < 0 || side(c, d) < 0 || side(d, a) < 0) return null;
  const top = side(a, b) / Math.hypot(b[0] - a[0], b[1] - a[1]);
  const low = side(c, d) / Math.hypot(d[0] - c[0], d[1] - c[1]);
  const left = side(d, a) / Math.hypot(a[0] - d[0], a[1] - d[1]);
  const right = side(b, c) / Math.hypot(c[0] - b[0], c[1] - b[1]);
  return [left / (left + right), top / (top + low)];
}

/** 22 lines of print: strokes two or three pixels wide in the upper half of every line, with margins and gaps between words. */
function printed(u: number, v: number, seed: number): boolean {
  if (u < 0.07 || u > 0.93 || v < 0.05 || v > 0.95) return false;
  const line = Math.floor(v * 22);
  const rest = v * 22 - line;
  if (rest > 0.5) return false;
  const column = Math.floor(u * 165);
  const word = hash(Math.floor(column / 11) + line * 131 + seed);
  return word > 0.25 && hash(column + line * 7717 + Math.floor(rest * 6) * 31 + seed) > 0.55;
}

function hash(value: number): number {
  const mixed = Math.sin(value * 12.9898) * 43758.5453;
  return mixed - Math.floor(mixed);
}

function shine(at: Float32Array, radius: number): void {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const away = Math.hypot(x - WIDTH * 0.5, y - HEIGHT * 0.4) / radius;
      if (away < 1.4) at[y * WIDTH + x] = Math.min(255, (at[y * WIDTH + x] as number) + 400 * Math.max(0, 1.4 - away));
    }
  }
}

function blurred(at: Float32Array, radius: number): Float32Array {
  const across = smeared(at, WIDTH, HEIGHT, 1, WIDTH, radius);
  return smeared(across, HEIGHT, WIDTH, WIDTH, 1, radius);
}

/** A box blur along lines of `length` pixels that lie `step` apart, by running sums; the edge goes on outside. */
function smeared(at: Float32Array, length: number, lines: number, step: number, next: number, radius: number): Float32Array {
  const out = new Float32Array(at.length);
  for (let line = 0; line < lines; line++) {
    const pixel = (index: number): number => at[line * next + Math.max(0, Math.min(length - 1, index)) * step] as number;
    let sum = 0;
    for (let d = -radius; d <= radius; d++) sum += pixel(d);
    for (let index = 0; index < length; index++) {
      out[line * next + index * step] = sum / (2 * radius + 1);
      sum += pixel(index + radius + 1) - pixel(index - radius);
    }
  }
  return out;
}
