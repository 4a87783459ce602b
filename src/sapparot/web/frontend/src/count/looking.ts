// What a phone can tell about a photograph before anybody else sees it: is it sharp, is there light, is the whole page on it? Pure arithmetic
// on pixels; the thresholds stand against pictures that the tests make (tests/looking.test.ts).

/** Brightness of every pixel, 0 to 255, row by row. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly at: Uint8Array;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Fault = "blurred" | "dark" | "glare" | "no_edges" | "cut_off" | "far";

export interface Look {
  /** Variance of the Laplacian, without that of noise, over the variance of brightness, in the sharpest quarter of the picture. */
  readonly sharpness: number;
  /** Brightness that 95 % of the pixels do not exceed. */
  readonly light: number;
  /** Share of the picture that is burnt out, in whole tiles. */
  readonly burnt: number;
  /** Corners of the sheet of paper, from the upper left one clockwise; null when none stands out. */
  readonly corners: readonly Point[] | null;
  /** Share of the picture that the paper takes. */
  readonly share: number;
  readonly faults: readonly Fault[];
}

/** Below it, the strokes of small print run into each other. At 1,280 pixels, print in focus gives 1.5 and more, soft but readable 0.15 to 0.3, a blur of two pixels 0.05. */
export const SHARP = 0.1;
/** White paper that is darker than this was photographed in the dark. */
export const LIGHT = 105;
/** More of the picture than this without any drawing in it, at full white, is the glare of a lamp or a flash. */
export const BURNT = 0.04;
/** Paper that takes less of the picture is too far away for small letters. */
export const NEAR = 0.3;

const TILES = 8;
const FULL = 253;

export function greyOf(pixels: Uint8ClampedArray, width: number, height: number): Grey {
  const at = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < at.length; i++, p += 4) {
    at[i] = ((pixels[p] ?? 0) * 77 + (pixels[p + 1] ?? 0) * 150 + (pixels[p + 2] ?? 0) * 29) >> 8;
  }
  return { width, height, at };
}

/** Judges a picture. A board hangs on a wall among other things, so only a page must show its edges. */
export function look(grey: Grey, of: "page" | "board"): Look {
  const tiles = tilesOf(grey);
  const sharpness = sharpestQuarter(tiles);
  const light = brightness(grey, 0.95);
  const burnt = tiles.filter((tile) => tile.mean >= FULL && tile.variance < 2).length / tiles.length;
  const paper = of === "page" ? paperIn(grey) : null;
  const faults: Fault[] = [];
  if (light < LIGHT) faults.push("dark");
  if (burnt > BURNT) faults.push("glare");
  if (sharpness < SHARP) faults.push("blurred");
  if (of === "page") faults.push(...edges(paper));
  return { sharpness, light, burnt, corners: paper?.corners ?? null, share: paper?.share ?? 0, faults };
}

function edges(paper: Paper | null): Fault[] {
  if (!paper) return ["no_edges"];
  if (paper.cut) return ["cut_off"];
  return paper.share < NEAR ? ["far"] : [];
}

interface Tile {
  readonly mean: number;
  readonly variance: number;
  readonly laplacian: number;
}

function tilesOf(grey: Grey): Tile[] {
  const tiles: Tile[] = [];
  for (let row = 0; row < TILES; row++) {
    for (let column = 0; column < TILES; column++) tiles.push(tileOf(grey, column, row));
  }
  return tiles;
}

function tileOf({ width, height, at }: Grey, column: number, row: number): Tile {
  const left = Math.max(1, Math.floor((column * width) / TILES));
  const right = Math.min(width - 1, Math.floor(((column + 1) * width) / TILES));
  const top = Math.max(1, Math.floor((row * height) / TILES));
  const bottom = Math.min(height - 1, Math.floor(((row + 1) * height) / TILES));
  let n = 0;
  let sum = 0;
  let squares = 0;
  let edge = 0;
  let edges = 0;
  const bends = new Uint32Array(1024);
  for (let y = top; y < bottom; y++) {
    for (let i = y * width + left, end = y * width + right; i < end; i++) {
      const here = at[i] as number;
      const bend = 4 * here - (at[i - 1] as number) - (at[i + 1] as number) - (at[i - width] as number) - (at[i + width] as number);
      n++;
      sum += here;
      squares += here * here;
      edge += bend;
      edges += bend * bend;
      const steep = bend < 0 ? -bend : bend;
      bends[steep] = (bends[steep] as number) + 1;
    }
  }
  if (n === 0) return { mean: 0, variance: 0, laplacian: 0 };
  return { mean: sum / n, variance: squares / n - (sum / n) ** 2, laplacian: edges / n - (edge / n) ** 2 - grain(bends, n) };
}

/**
 * The variance that the noise of a camera in poor light would have by itself, from the median (for a normal distribution it is 0.6745
 * deviations): edges of letters are few and steep, noise is everywhere.
 */
function grain(bends: Uint32Array, n: number): number {
  let left = n / 2;
  let median = 0;
  while (median < 1023 && (left -= bends[median] as number) > 0) median++;
  return 1.3 * (median / 0.6745) ** 2;
}

/**
 * Sharpness where something is drawn: noise has edges too, so tiles without contrast say nothing. The ratio does not depend on how much
 * light there was; the upper quarter does not depend on how much of the picture is empty.
 */
function sharpestQuarter(tiles: readonly Tile[]): number {
  const drawn = tiles.filter((tile) => tile.variance > 60).map((tile) => tile.laplacian / tile.variance);
  if (drawn.length < 4) return 0;
  drawn.sort((a, b) => b - a);
  return drawn[Math.floor(drawn.length / 4)] ?? 0;
}

/** The brightness below which a share of the pixels lies. */
export function brightness({ at }: Grey, share: number): number {
  const bins = histogram(at);
  let left = at.length * share;
  for (let value = 0; value < 256; value++) {
    left -= bins[value] as number;
    if (left <= 0) return value;
  }
  return 255;
}

function histogram(at: Uint8Array): Uint32Array {
  const bins = new Uint32Array(256);
  for (const value of at) bins[value] = (bins[value] as number) + 1;
  return bins;
}

interface Paper {
  readonly corners: readonly Point[];
  readonly share: number;
  readonly cut: boolean;
}

const SMALL = 200;

/** Finds a bright sheet of paper on a darker ground: the largest bright patch, if it has the shape of a quadrilateral. */
export function paperIn(grey: Grey): Paper | null {
  const small = shrunk(grey, SMALL);
  const level = otsu(small);
  if (level === null) return null;
  const patch = largestPatch(small, level);
  if (!patch) return null;
  const corners = cornersOf(patch, small.width);
  const area = areaOf(corners);
  // Letters and hands are holes in the patch; a lamp or a wall is no quadrilateral.
  if (area < 0.04 * small.at.length || patch.length < 0.72 * area || patch.length > 1.12 * area) return null;
  const scale = grey.width / small.width;
  return {
    corners: corners.map(({ x, y }) => ({ x: x * scale, y: y * scale })),
    share: area / small.at.length,
    cut: touches(patch, small),
  };
}

/** Averages blocks, so that letters on paper become grey and paper stays bright. */
function shrunk(grey: Grey, most: number): Grey {
  const step = Math.max(1, Math.ceil(Math.max(grey.width, grey.height) / most));
  const width = Math.floor(grey.width / step);
  const height = Math.floor(grey.height / step);
  const at = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let dy = 0; dy < step; dy++) {
        for (let dx = 0; dx < step; dx++) sum += grey.at[(y * step + dy) * grey.width + x * step + dx] as number;
      }
      at[y * width + x] = sum / (step * step);
    }
  }
  return { width, height, at };
}

/** The level that parts dark from bright best (Otsu 1979); null when the picture has no two parts worth the name. */
function otsu({ at }: Grey): number | null {
  const bins = histogram(at);
  let total = 0;
  for (let value = 0; value < 256; value++) total += value * (bins[value] as number);
  let below = 0;
  let sum = 0;
  let best = 0;
  let level: number | null = null;
  for (let value = 0; value < 255; value++) {
    below += bins[value] as number;
    sum += value * (bins[value] as number);
    const above = at.length - below;
    if (below === 0 || above === 0) continue;
    const apart = (total - sum) / above - sum / below;
    const between = below * above * apart * apart;
    if (between > best && apart > 35) {
      best = between;
      level = value;
    }
  }
  return level;
}

function largestPatch({ width, height, at }: Grey, level: number): readonly number[] | null {
  const seen = new Uint8Array(at.length);
  let largest: number[] | null = null;
  for (let start = 0; start < at.length; start++) {
    if (seen[start] || (at[start] as number) <= level) continue;
    const patch = [start];
    seen[start] = 1;
    for (let next = 0; next < patch.length; next++) {
      const here = patch[next] as number;
      const x = here % width;
      for (const there of [x > 0 ? here - 1 : -1, x < width - 1 ? here + 1 : -1, here - width, here + width]) {
        if (there < 0 || there >= width * height || seen[there] || (at[there] as number) <= level) continue;
        seen[there] = 1;
        patch.push(there);
      }
    }
    if (!largest || patch.length > largest.length) largest = patch;
  }
  return largest;
}

/** The points that lie furthest towards the four corners of the picture. */
function cornersOf(patch: readonly number[], width: number): Point[] {
  const towards = [(x: number, y: number) => -x - y, (x: number, y: number) => x - y, (x: number, y: number) => x + y, (x: number, y: number) => y - x];
  return towards.map((reach) => {
    let best = -Infinity;
    let point = { x: 0, y: 0 };
    for (const here of patch) {
      const x = here % width;
      const y = Math.floor(here / width);
      if (reach(x, y) > best) {
        best = reach(x, y);
        point = { x, y };
      }
    }
    return point;
  });
}

function areaOf(corners: readonly Point[]): number {
  let twice = 0;
  corners.forEach((here, index) => {
    const next = corners[(index + 1) % corners.length] as Point;
    twice += here.x * next.y - next.x * here.y;
  });
  return Math.abs(twice) / 2;
}

/** Paper that runs along the edge of the picture for a while goes on outside it. */
function touches(patch: readonly number[], { width, height }: Grey): boolean {
  const sides = [0, 0, 0, 0];
  for (const here of patch) {
    const x = here % width;
    const y = Math.floor(here / width);
    if (x === 0) sides[0] = (sides[0] as number) + 1;
    if (x === width - 1) sides[1] = (sides[1] as number) + 1;
    if (y === 0) sides[2] = (sides[2] as number) + 1;
    if (y === height - 1) sides[3] = (sides[3] as number) + 1;
  }
  return sides.some((length, side) => length > 0.05 * (side < 2 ? height : width));
}
