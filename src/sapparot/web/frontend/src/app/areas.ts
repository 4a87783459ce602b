// Areas to choose from by name. People know their province, their district and their subdistrict; which constituency that is, we know.
import type { Text } from "./facts";
import { say, told } from "./language";
import { json } from "./wire";

interface Named {
  code: string;
  kind: string;
  name: Text;
}

export interface Place extends Named {
  parent: string | null;
}

/** What `GET /v1/places/<area code>` answers (docs/formats/sheets.md). */
export interface Places {
  around: Named[];
  inside: Place[];
}

/** A line to choose: a district that lies in several constituencies is one line with several codes. */
export interface Choice {
  codes: string[];
  kind: string;
  name: string;
}

const asked = new Map<string, Promise<Places>>();

/** The areas inside an area, the provinces for an empty code; asked for once. */
export function placesIn(code: string): Promise<Places> {
  const known = asked.get(code) ?? json<Places>("GET", `/v1/places/${encodeURIComponent(code)}`);
  asked.set(code, known);
  known.catch(() => asked.delete(code));
  return known;
}

/** The lines of one step: by name, constituencies behind, those of the same name apart by the area around them. */
export function choicesOf(places: readonly Places[]): Choice[] {
  const found = places.flatMap(({ inside }) => inside);
  const around = new Map([...places.flatMap((one) => one.around), ...found].map((one) => [one.code, told(one.name)]));
  const known = new Map<string, Choice>();
  for (const { code, kind, name, parent } of found) {
    const alike = found.some((one) => one.code !== code && one.kind === kind && told(one.name) === told(name));
    const merged = kind === "district" ? known.get(told(name)) : undefined;
    if (merged) merged.codes.push(code);
    else known.set(kind === "district" ? told(name) : code, { codes: [code], kind, name: alike && kind !== "district" && parent ? `${told(name)} · ${around.get(parent) ?? ""}` : told(name) });
  }
  const last = (one: Choice): number => Number(one.kind === "constituency");
  const order = (one: Choice, other: Choice): number => (last(one) ? one.codes[0]!.localeCompare(other.codes[0]!) : one.name.localeCompare(other.name, "th"));
  return [...known.values()].sort((one, other) => last(one) - last(other) || order(one, other));
}

const KINDS: Record<string, [string, string]> = {
  province: ["จังหวัด", "Province"],
  constituency: ["เขตเลือกตั้ง", "Constituency"],
  district: ["อำเภอ / เขต", "District"],
  subdistrict: ["ตำบล / แขวง", "Subdistrict"],
};

/** What a step asks for: `อำเภอ / เขต`. */
export function stepName(choices: readonly Choice[]): string {
  const [th, en] = KINDS[choices[0]?.kind ?? ""] ?? ["พื้นที่", "Area"];
  return say(th, en);
}
