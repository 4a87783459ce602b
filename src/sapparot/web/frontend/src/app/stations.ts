// Stations as this phone knows them: kits are fetched as soon as there is a network, and count without one.
import { get, put } from "./database";
import type { KeptKit, StationKit } from "./facts";
import { json } from "./wire";

const FRESH = 12 * 3_600_000;

/** The kit of a station, or of a constituency with the options of all its stations: kept when it is there, fetched when not; old ones are asked for again without waiting. */
export async function kitOf(station: string): Promise<StationKit> {
  const kept = await get<KeptKit>("kits", station);
  if (!kept) return fetchKit(station);
  if (Date.now() - kept.kept_at > FRESH) void fetchKit(station).catch(() => undefined);
  return kept.kit;
}

export async function fetchKit(station: string): Promise<StationKit> {
  const kit = await json<StationKit>("GET", `/v1/sheets/${encodeURIComponent(station)}`);
  await put("kits", { station, kit, kept_at: Date.now() } satisfies KeptKit);
  return kit;
}

/** The unit's number within its subdistrict: the last part of the code. */
export function unit(code: string): string {
  return String(Number(code.split("-").pop() ?? ""));
}

/** Position that reports may carry: whole hundredths of a degree, about a kilometre. */
export function coarse(latitude: number, longitude: number): [number, number] {
  return [Math.round(latitude * 100), Math.round(longitude * 100)];
}

/** Milliseconds for the phone to find out where it is, and for the person to let it: its own limit begins only then. */
const FINDING = 15_000;
const ANSWERING = 20_000;

/** Asks the phone where it is; only ever after a tap. */
export function whereAmI(): Promise<GeolocationPosition> {
  return new Promise((done, fail) => {
    if (!navigator.geolocation) return fail(new Error("no geolocation"));
    setTimeout(() => fail(new Error("nobody has answered")), ANSWERING);
    navigator.geolocation.getCurrentPosition(done, fail, { enableHighAccuracy: false, timeout: FINDING, maximumAge: 120_000 });
  });
}
