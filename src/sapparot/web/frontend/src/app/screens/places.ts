// Stations near me that nobody guards: a plain map and a list of the same stations.
import { html, nothing, svg, type TemplateResult } from "lit";
import { asked } from "../asking";
import { takeDuty } from "../duties";
import { back, Screen } from "../element";
import { AppProblem } from "../facts";
import { number, say, told } from "../language";
import { mark } from "../marks";
import { current } from "../profiles";
import { unit, whereAmI } from "../stations";
import { SIZE, spotsOf, type OpenStation } from "./spots";
import { json } from "../wire";

export class PlacesScreen extends Screen {
  private found: OpenStation[] | null = null;
  private me: [number, number] | null = null;
  private area = "";
  private chosen = "";

  protected override async load(): Promise<void> {
    const person = (await current())?.person;
    if (!person || this.area) return;
    const known = (await asked<{ area: string | null }>(person, "me", "/v1/me").catch(() => null))?.value.area ?? "";
    this.area ||= known;
  }

  private async near(): Promise<void> {
    await this.attempt(async () => {
      const place = await whereAmI().catch(() => {
        throw new AppProblem(NO_PLACE);
      });
      this.me = [place.coords.latitude, place.coords.longitude];
      // A kilometre is near enough to find stations; more exact is nobody's business.
      await this.ask(`near=${this.me.map((value) => value.toFixed(2)).join(",")}`);
    });
  }

  private async inArea(): Promise<void> {
    this.me = null;
    await this.attempt(() => this.ask(`area=${encodeURIComponent(this.area)}`));
  }

  private async ask(query: string): Promise<void> {
    const answer = await json<{ stations: OpenStation[] } | OpenStation[]>("GET", `/v1/stations/open?${query}`);
    this.found = Array.isArray(answer) ? answer : answer.stations;
    this.chosen = "";
  }

  private async take(station: OpenStation): Promise<void> {
    const done = await this.attempt(() => takeDuty(station.code));
    if (done) location.hash = `#/station/${station.code}`;
  }

  protected override render(): unknown {
    return html`${back("#/", say("หน้าแรก", "Home"))}
      <h1 tabindex="-1">${say("หน่วยที่ยังไม่มีคนเฝ้า", "Stations that nobody guards")}</h1>
      <button class="main" ?disabled=${this.busy} @click=${() => void this.near()}>${mark("pin")} ${this.busy ? say("กำลังหา…", "Looking …") : say("หาใกล้ฉัน", "Near me")}</button>
      <section class="panel">
        <h2>${say("หรือเลือกจากชื่อ", "Or choose by name")}</h2>
        <area-choice .value=${this.area} @area=${(event: CustomEvent<string>) => ((this.area = event.detail), this.requestUpdate())}></area-choice>
        <button class="quiet" ?disabled=${this.busy || !this.area} @click=${() => void this.inArea()}>${say("ดูหน่วยในพื้นที่นี้", "Stations in this area")}</button>
      </section>
      ${this.complaint()} ${this.found ? this.list(this.found) : nothing}`;
  }

  private list(found: OpenStation[]): TemplateResult {
    if (found.length === 0) return html`<p class="notice" role="status">${say("ทุกหน่วยแถวนี้มีคนเฝ้าแล้ว ขอบคุณ", "Every station around here is guarded already. Thank you.")}</p>`;
    return html`<p class="over" role="status">${say(`พบ ${number(found.length)} หน่วย`, `${number(found.length)} stations`)}</p>
      ${this.map(found)}
      <ul class="rows">
        ${found.map(
          (one, at) => html`<li class="open-station" data-chosen=${one.code === this.chosen} id=${`open-${one.code}`}>
            <span class="place-number">${at + 1}</span>
            <span><b>${say("หน่วย", "Unit")} ${unit(one.code)} ${told(one.area)}</b><small>${one.code}${one.metres ? ` · ${distance(one.metres)}` : nothing}${one.people ? ` · ${say(`มีแล้ว ${one.people} คน`, `${one.people} there`)}` : nothing}</small></span>
            <button class="quiet" ?disabled=${this.busy} @click=${() => void this.take(one)}>${say("ฉันเฝ้า", "Mine")}<span class="unseen"> ${one.code}</span></button>
          </li>`,
        )}
      </ul>`;
  }

  private map(found: OpenStation[]): TemplateResult | typeof nothing {
    const spots = spotsOf(found, this.me);
    if (spots.length < 2) return nothing;
    const mine = this.me ? spotsOf([...found.map(({ code, lat, lon }) => ({ code, lat, lon })), { code: "", lat: this.me[0] * 1e6, lon: this.me[1] * 1e6 }], this.me).find((one) => one.station.code === "") : undefined;
    return html`<svg class="near" viewBox=${`0 0 ${SIZE} ${SIZE}`} role="img" aria-label=${say("แผนที่อย่างง่ายของหน่วยในรายการ ทิศเหนืออยู่ด้านบน", "A simple map of the stations in the list, north at the top")}>
      <text x="50" y="6" text-anchor="middle">${say("เหนือ", "N")}</text>
      ${mine ? svg`<circle class="mine" cx=${mine.x} cy=${mine.y} r="2.6" />` : nothing}
      ${spots.map(({ x, y, station }) => svg`<g data-chosen=${station.code === this.chosen} @click=${() => this.choose(station.code)}><circle cx=${x} cy=${y} r="3.4" /><text x=${x} y=${y + 1.3} text-anchor="middle">${found.indexOf(station) + 1}</text></g>`)}
    </svg>`;
  }

  private choose(code: string): void {
    this.chosen = code;
    this.requestUpdate();
    this.querySelector(`[id="open-${code}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });
  }
}

function distance(metres: number): string {
  return metres < 950 ? say(`${Math.round(metres / 50) * 50} ม.`, `${Math.round(metres / 50) * 50} m`) : say(`${(metres / 1000).toFixed(1)} กม.`, `${(metres / 1000).toFixed(1)} km`);
}

const NO_PLACE = {
  code: "phone.no_place",
  title: { th: "ยังหาตำแหน่งไม่ได้", en: "Your place could not be found" },
  detail: { th: "อนุญาตให้ใช้ตำแหน่ง หรือเลือกพื้นที่จากชื่อด้านล่าง", en: "Allow the browser to use it, or choose the area by name below." },
};
