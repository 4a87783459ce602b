// <phone-app>: the frame of every screen: who is at work, whether there is a network, where one can go.
import { LitElement, html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { all, get, watch } from "./database";
import { deskOf } from "./desk";
import { complaint, troubleFrom } from "./element";
import type { Desk, Kept, Profile, StationKit, Trouble } from "./facts";
import { catchPrompt, install, keepForGood, room, tryRoom, type Room } from "./installing";
import { lang, say, told } from "./language";
import { HEXAGON, mark, type Mark } from "./marks";
import { shownTo, tally } from "./outbox";
import { current } from "./profiles";
import { ready } from "./screens";
import { send, startPump } from "./pump";
import { kitOf } from "./stations";
import { clockIsOff } from "./wire";

interface Place {
  name: string;
  about: string;
}
interface Warning {
  of: "room" | "clock" | "newer";
  shown: TemplateResult;
}

const COUNTING = new Set(["count", "final", "official"]);
/** Milliseconds after the first screen stands until the phone does what can wait: fetch the other screens, try the disk, keep the app. */
const LATER = 1_500;
const TABS: [string, Mark, string, string][] = [
  ["", "home", "หน้าแรก", "Home"],
  ["outbox", "outbox", "กล่องส่ง", "Outbox"],
  ["news", "news", "ข่าวสาร", "News"],
  ["me", "me", "ของฉัน", "Me"],
];

/** The level whose official figures count. */
const HEADS = 2;
const NOT_A_HEADS_PHONE: Trouble = {
  code: "phone.not_a_heads",
  title: { th: "ตัวเลขทางการต้องส่งจากเครื่องของหัวหน้าเขต", en: "Official figures come from the phone of a constituency head" },
  detail: {
    th: "ถ้าคุณเพิ่งได้เป็นหัวหน้าเขต เปิด “ของฉัน” แล้ว “เครื่องของฉัน” เพื่อลงทะเบียนเครื่องนี้ใหม่ในฐานะหัวหน้าเขต",
    en: "If you became a head just now, open “Me”, then “My devices”, and enrol this phone anew as a head's.",
  },
};

export class PhoneApp extends LitElement {
  private place: Place = placeIn(location.hash);
  private profile: Profile | null = null;
  private reports: Kept[] = [];
  private reached = true;
  private skew = 0;
  private room: Room = { persistent: true, free: null, tight: false };
  private takeNewer: (() => void) | null = null;
  private ready = false;
  private counting: { desk: Desk; kit: StationKit } | null = null;
  private trouble: Trouble | null = null;
  /** What the screen was opened with: it stands above it. What comes later stands below until the next screen: nothing moves under a thumb. */
  private above: Warning[] = [];

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("hashchange", () => void this.go());
    addEventListener("online", () => this.requestUpdate());
    addEventListener("offline", () => this.requestUpdate());
    catchPrompt(() => this.requestUpdate());
    watch((store) => {
      if (["profiles", "outbox", "settings"].includes(store)) void this.look();
      if (store === "settings") void this.measure();
    });
    // Whoever made room comes back to the app: it is tried again.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.room.tight && void tryRoom().then(() => this.measure()));
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      if (location.hash === "#/signed-in") await this.arrive();
      await this.look();
      await this.go();
    } catch (error) {
      this.trouble = troubleFrom(error);
    }
    this.querySelector(".opening")?.remove();
    this.ready = true;
    this.requestUpdate();
    startPump();
    setTimeout(() => void this.settle().catch(() => undefined), LATER);
  }

  private async settle(): Promise<void> {
    await install((take) => {
      this.takeNewer = take;
      this.requestUpdate();
    });
    if (this.profile && !(await get("settings", "persistent"))) void keepForGood().catch(() => undefined);
    await tryRoom();
    await this.measure();
    await ready("outbox");
  }

  /** Somebody signed in on a page outside the app, by a passkey, a linked account or a code. */
  private async arrive(): Promise<void> {
    history.replaceState(null, "", "#/");
    const { arrive } = await import("./signing-in");
    await arrive();
  }

  private async look(): Promise<void> {
    const [profile, reports, reached, skew] = await Promise.all([
      current(),
      all<Kept>("outbox"),
      get<{ value: boolean }>("settings", "reached"),
      get<{ value: number }>("settings", "skew"),
    ]);
    this.profile = profile;
    this.reports = shownTo(profile?.person, reports);
    this.reached = reached?.value ?? true;
    this.skew = skew?.value ?? 0;
    clockIsOff(this.skew);
    this.requestUpdate();
  }

  private async measure(): Promise<void> {
    this.room = await room();
    this.requestUpdate();
  }

  private async go(): Promise<void> {
    const { hash } = location;
    const place = placeIn(hash);
    const counts = COUNTING.has(place.name);
    const trouble = counts ? null : await ready(place.name).then(() => null, troubleFrom);
    if (location.hash !== hash) return;
    this.place = place;
    this.trouble = trouble;
    this.counting = null;
    if (counts) await this.openCounting(hash);
    if (location.hash !== hash) return;
    this.above = this.warnings();
    this.requestUpdate();
    await this.updateComplete;
    scrollTo({ top: 0 });
    this.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }

  /** Whoever goes elsewhere meanwhile stays there. */
  private async openCounting(hash: string): Promise<void> {
    if (!this.profile) return void location.replace("#/");
    if (this.place.name === "official" && (this.profile.enrolled ?? this.profile.level) < HEADS) return void (this.trouble = NOT_A_HEADS_PHONE);
    try {
      const [kit] = await Promise.all([kitOf(this.place.about.split("/")[0] ?? ""), import("../count/elements")]);
      const desk = await deskOf(this.profile, kit.election);
      if (location.hash === hash) this.counting = { kit, desk };
    } catch (error) {
      if (location.hash === hash) this.trouble = troubleFrom(error);
    }
  }

  protected override render(): unknown {
    if (!this.ready) return nothing;
    if (this.counting) return this.full(this.counting);
    return html`<a class="skip" href="#main" @click=${this.skip}>${say("ข้ามไปเนื้อหา", "Skip to content")}</a>
      ${this.top()}
      <main id="main" tabindex="-1">${this.above.map(({ shown }) => shown)} ${complaint(this.trouble)} ${keyed(`${this.place.name}/${this.place.about}/${this.profile?.person}`, this.screen())} ${this.late()}</main>
      ${this.profile ? this.tabs() : nothing}`;
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.querySelector<HTMLElement>("main")?.focus();
  }

  private top(): TemplateResult {
    const offline = !navigator.onLine || !this.reached;
    const other = lang() === "th" ? "/en/app" : "/app";
    return html`<header class="top">
      <a class="brand" href="#/">${HEXAGON}<span>${this.profile ? told(this.profile.network_name) : say("ตาสับปะรด", "Sapparot")}</span></a>
      <span class="line" data-offline=${offline}>${offline ? say("ไม่มีสัญญาณ", "No network") : say("ออนไลน์", "Online")}</span>
      <a class="tongue" href=${`${other}${location.hash}`} lang=${lang() === "th" ? "en" : "th"}>${lang() === "th" ? "English" : "ไทย"}</a>
    </header>`;
  }

  private late(): TemplateResult[] {
    return this.warnings().filter(({ of }) => !this.above.some((one) => one.of === of)).map(({ shown }) => shown);
  }

  private warnings(): Warning[] {
    const minutes = Math.round(Math.abs(this.skew) / 60_000);
    const found: Warning[] = [];
    if (this.room.tight) {
      found.push({
        of: "room",
        shown: html`<div class="notice" role="status">
          ${mark("warn")}
          <p><b>${say("พื้นที่ในเครื่องใกล้เต็ม", "This phone is nearly full")}</b> ${say("ลบรูปหรือแอปที่ไม่ใช้ก่อนเริ่มนับ เพื่อให้บันทึกรายงานได้ทุกครั้ง", "Delete pictures or apps that you do not need before you count, so that every report can be saved.")}</p>
        </div>`,
      });
    }
    if (minutes >= 2) {
      found.push({
        of: "clock",
        shown: html`<div class="notice" role="status">
          ${mark("warn")}
          <p><b>${this.skew > 0 ? say(`นาฬิกาเครื่องนี้เร็วไป ${lasting(minutes)}`, `This phone's clock is ${lasting(minutes)} fast`) : say(`นาฬิกาเครื่องนี้ช้าไป ${lasting(minutes)}`, `This phone's clock is ${lasting(minutes)} slow`)}</b> ${say("เปิด “ตั้งเวลาอัตโนมัติ” ในการตั้งค่าของเครื่อง รายงานยังส่งได้ตามปกติ", "Turn on automatic time in the phone's settings. Reports still go through.")}</p>
        </div>`,
      });
    }
    if (this.takeNewer) {
      found.push({
        of: "newer",
        shown: html`<div class="notice" role="status"><p>${say("มีแอปรุ่นใหม่พร้อมใช้", "A newer version is ready")}</p><button class="quiet" @click=${this.takeNewer}>${say("เปลี่ยนตอนนี้", "Use it now")}</button></div>`,
      });
    }
    return found;
  }

  private tabs(): TemplateResult {
    const { waiting, stopped } = tally(this.reports);
    return html`<nav class="tabs" aria-label=${say("เมนูหลัก", "Main")}>
      ${TABS.map(([name, drawing, th, en]) => {
        const here = name === tabOf(this.place.name);
        const count = name === "outbox" ? waiting + stopped : 0;
        return html`<a href=${`#/${name}`} aria-current=${here ? "page" : nothing}
          >${mark(drawing)}<span>${say(th, en)}</span>${count
            ? html`<b class="count" data-stopped=${stopped > 0}><span class="unseen">${say("ค้างอยู่", "waiting")} </span>${count}</b>`
            : nothing}</a
        >`;
      })}
    </nav>`;
  }

  private screen(): TemplateResult {
    const { about } = this.place;
    if (!this.profile && !["sign-in", "data"].includes(this.place.name)) return html`<welcome-screen></welcome-screen>`;
    switch (this.place.name) {
      case "":
        return html`<home-screen></home-screen>`;
      case "sign-in":
        return html`<signin-screen .about=${about}></signin-screen>`;
      case "training":
        return html`<training-screen></training-screen>`;
      case "places":
        return html`<places-screen></places-screen>`;
      case "station":
        return html`<station-screen .station=${about}></station-screen>`;
      case "outbox":
        return html`<outbox-screen></outbox-screen>`;
      case "report":
        return html`<report-screen .report=${about}></report-screen>`;
      case "carry":
        return html`<carry-screen></carry-screen>`;
      case "text":
        return html`<text-screen></text-screen>`;
      case "news":
        return html`<news-screen></news-screen>`;
      case "me":
        return html`<me-screen></me-screen>`;
      case "data":
        return html`<data-screen></data-screen>`;
      case "friends":
        return html`<friends-screen></friends-screen>`;
      case "devices":
        return html`<devices-screen></devices-screen>`;
      default:
        return html`<h1 tabindex="-1">${say("ไม่พบหน้านี้", "There is no such page")}</h1><p><a href="#/">${say("ไปหน้าแรก", "To the start")}</a></p>`;
    }
  }

  private full({ desk, kit }: { desk: Desk; kit: StationKit }): TemplateResult {
    const [, ballot, area] = this.place.about.split("/");
    const station = kit.station.code;
    const whole = this.place.name === "official" && area ? `${area}/${ballot}` : undefined;
    const close = (): void => void (location.hash = whole ? "#/" : `#/station/${station}`);
    const final = (event: CustomEvent<{ ballot?: string }>): void => void (location.hash = `#/final/${station}/${event.detail?.ballot ?? ""}`);
    const kept = (event: CustomEvent<{ id: string }>): void => {
      send();
      location.hash = `#/report/${event.detail.id}`;
    };
    return this.place.name === "count"
      ? html`<count-progress .kit=${kit} .desk=${desk} .ballot=${ballot || undefined} @count-close=${close} @count-final=${final}></count-progress>`
      : html`<count-final .kit=${kit} .desk=${desk} .ballot=${ballot || undefined} .stage=${this.place.name} .sheet=${whole} @count-close=${close} @count-kept=${kept}></count-final>`;
  }
}

/** `5 ชั่วโมง`, `12 นาที`; whole hours once there is one. */
function lasting(minutes: number): string {
  const hours = Math.round(minutes / 60);
  return minutes < 60 ? say(`${minutes} นาที`, minutes === 1 ? "1 minute" : `${minutes} minutes`) : say(`${hours} ชั่วโมง`, hours === 1 ? "1 hour" : `${hours} hours`);
}

function placeIn(hash: string): Place {
  const [, name = "", ...rest] = hash.replace(/^#/, "").split("/");
  return { name, about: decodeURIComponent(rest.join("/")) };
}

function tabOf(name: string): string {
  if (["outbox", "report", "carry", "text"].includes(name)) return "outbox";
  if (["me", "data", "devices", "friends", "sign-in"].includes(name)) return "me";
  return name === "news" ? "news" : "";
}
