// Where stations stand on the simple map.
import type { Text } from "../facts";

/** A station with room, as `GET /v1/stations/open` tells it; places in microdegrees. */
export interface OpenStation {
  code: string;
  area: Text;
  lat: number | null;
  lon: number | null;
  metres: number | null;
  /** Who has the job there already. */
  people: number;
}

type Placed = Pick<OpenStation, "code" | "lat" | "lon">;

export interface Spot<T> {
  x: number;
  y: number;
  station: T;
}

export const SIZE = 100;
const MARGIN = 8;

/** Places in a square with the same scale both ways, north up; a degree of longitude is shorter away from the equator. */
export function spotsOf<T extends Placed>(found: T[], me: [number, number] | null): Spot<T>[] {
  const known = found.filter((one) => one.lat !== null && one.lon !== null);
  if (known.length === 0) return [];
  const shrink = Math.cos((((me?.[0] ?? (known[0]?.lat ?? 0) / 1e6) as number) * Math.PI) / 180);
  const points = known.map((station) => ({ station, x: ((station.lon ?? 0) / 1e6) * shrink, y: (station.lat ?? 0) / 1e6 }));
  const all = me ? [...points, { x: me[1] * shrink, y: me[0] }] : points;
  const [left, right] = [Math.min(...all.map((one) => one.x)), Math.max(...all.map((one) => one.x))];
  const [low, high] = [Math.min(...all.map((one) => one.y)), Math.max(...all.map((one) => one.y))];
  const wide = Math.max(right - left, high - low, 1e-6);
  const scale = (SIZE - 2 * MARGIN) / wide;
  const place = (value: number, from: number, to: number): number => MARGIN + (value - from) * scale + ((wide - (to - from)) * scale) / 2;
  return points.map(({ station, x, y }) => ({ station, x: round(place(x, left, right)), y: round(SIZE - place(y, low, high)) }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
