// Small parts that both counting screens draw.
import { html, nothing, type TemplateResult } from "lit";
import { say, told } from "../app/language";
import { colorOf, inkOn, sheetsOf, type OptionKit, type SheetKit, type StationKit } from "./kit";

/** The style of something in a party's colour. Set as a property: the page's policy refuses style attributes, not what a script sets. */
export function inColor(option: OptionKit | undefined): string {
  const color = colorOf(option);
  return `--count-c:${color};--count-t:${inkOn(color)}`;
}

export function head(title: string, under: string, back: () => void, more: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<header class="count-head">
    <button type="button" class="count-back" @click=${back} aria-label=${say("กลับ", "Back")}>‹</button>
    <h1><span>${title}</span> <small>${under}</small></h1>
    ${more}
  </header>`;
}

/** The two ballots of a station, one tap apart. */
export function ballotTabs(kit: StationKit, chosen: SheetKit, amount: (sheet: SheetKit) => string, choose: (ballot: string) => void): TemplateResult {
  return html`<div class="count-tabs" role="group" aria-label=${say("เลือกบัตร", "Choose the ballot")}>
    ${sheetsOf(kit).map(
      (sheet) => html`<button
        type="button"
        data-ballot=${sheet.ballot}
        aria-pressed=${sheet === chosen ? "true" : "false"}
        @click=${() => choose(sheet.ballot)}
      >
        <span>${told(sheet.name)}</span>${amount(sheet) ? html` <b>${amount(sheet)}</b>` : nothing}
      </button>`,
    )}
  </div>`;
}

/** A short name for a station: its unit and the smallest area around it. */
export function placeOf(kit: StationKit): { title: string; under: string } {
  const unit = Number(kit.station.code.split("-").pop());
  const title = Number.isFinite(unit) ? say(`หน่วยที่ ${unit}`, `Station ${unit}`) : kit.station.code;
  const areas = kit.areas.filter((area) => area.kind !== "country").map((area) => told(area.name));
  return { title, under: areas.slice(-2).reverse().join(" · ") };
}

/** The name of a whole area whose sheet is filled in, such as 10-01/list. */
export function areaOf(kit: StationKit, sheet: string): { title: string; under: string } {
  const [code = ""] = sheet.split("/");
  const at = kit.areas.findIndex((area) => area.code === code);
  const around = kit.areas.slice(at + 1).filter((area) => area.kind !== "country");
  return { title: told(kit.areas[at]?.name) || code, under: say("ทั้งเขต", "The whole constituency") + around.map((area) => ` · ${told(area.name)}`).join("") };
}
