// Without data but with bars: what was counted as a ready-made text message, for the phone's own messages or the chat of the network.
import { html, nothing, type TemplateResult } from "lit";
import { worthCarrying } from "../carry";
import { channelsOf, fetchChannels, type Channel } from "../channels";
import { all, change } from "../database";
import { back, Screen } from "../element";
import type { Kept, Profile } from "../facts";
import { clock, say } from "../language";
import { mark } from "../marks";
import { current } from "../profiles";
import { lineLink, messageOf, parts, smsLink } from "../texting";
import { json } from "../wire";
import { sheetName, stageName } from "../ways";

interface Ready {
  kept: Kept;
  name: string;
  message: string;
}
interface Code {
  code: string;
  until: string;
}

export class TextScreen extends Screen {
  protected override readonly shows = ["outbox", "kept"] as const;
  private profile: Profile | null = null;
  private channels: Channel[] = [];
  private ready: Ready[] = [];
  private code: Code | null = null;
  private copied = "";

  override connectedCallback(): void {
    super.connectedCallback();
    void this.refresh().then(() => this.profile && fetchChannels(this.profile.person).catch(() => undefined));
  }

  protected override async load(): Promise<void> {
    this.profile = await current();
    const person = this.profile?.person ?? "";
    this.channels = await channelsOf(person);
    this.ready = [];
    for (const kept of worthCarrying((await all<Kept>("outbox")).filter((one) => one.person === person))) {
      const message = messageOf(kept.draft);
      if (message) this.ready.push({ kept, message, name: await sheetName(kept.sheet) });
    }
  }

  private async copy(words: string): Promise<void> {
    await this.attempt(async () => {
      await navigator.clipboard.writeText(words);
      this.copied = words;
    });
  }

  private texted({ kept }: Ready): void {
    void change<Kept>("outbox", kept.id, (old) => (old ? { ...old, texted_at: Date.now() } : null));
  }

  private async ask(): Promise<void> {
    await this.attempt(async () => {
      this.code = await json<Code>("POST", "/v1/me/text-codes");
    });
  }

  protected override render(): unknown {
    const [sms, line] = ["sms", "line"].map((kind) => this.channels.find((one) => one.kind === kind));
    return html`${back("#/outbox", say("กล่องส่ง", "Outbox"))}
      <h1 tabindex="-1">${say("ส่งคะแนนเป็นข้อความ", "Report by text message")}</h1>
      <p class="lead">${say("เน็ตไม่มี แต่โทรศัพท์ยังมีขีดสัญญาณ? ส่งคะแนนเป็นข้อความได้ แอปพิมพ์ไว้ให้แล้ว", "No data, but bars on the phone? Send the figures as a text message; the app has written it for you.")}</p>
      ${this.complaint()}
      ${this.channels.length === 0
        ? html`<p class="notice">${say("เครือข่ายของคุณยังไม่มีเบอร์รับข้อความ ฝากให้เครื่องของอาสาคนอื่นพาไปส่งได้", "Your network has no number for text messages yet. Another volunteer's phone can carry your reports.")} <a href="#/carry">${say("ฝากส่ง", "Pass on")}</a></p>`
        : this.ready.length
          ? this.ready.map((one) => this.message(one, sms, line))
          : html`<p class="notice">${say("ไม่มีรายงานที่ค้างส่ง", "No report waits.")}</p>`}
      ${line ? this.binding(line) : nothing}`;
  }

  private message(one: Ready, sms: Channel | undefined, line: Channel | undefined): TemplateResult {
    const { kept, name, message } = one;
    const many = parts(message);
    return html`<section class="panel">
      <h2>${stageName(kept.stage)}</h2>
      <p class="small">${name}</p>
      <p class="words" lang="en">${message}</p>
      ${sms && many > 1 ? html`<p class="small">${say(`ยาวเท่ากับ ${many} ข้อความ`, `As long as ${many} messages`)}</p>` : nothing}
      ${sms ? html`<a class="main" href=${smsLink(sms.to, message)} @click=${() => this.texted(one)}>${mark("news")} ${say("ส่งทาง SMS", "Send as SMS")}</a>` : nothing}
      ${line ? html`<a class=${sms ? "quiet" : "main"} href=${lineLink(line.to, message)} @click=${() => this.texted(one)}>${say("ส่งทาง LINE", "Send by LINE")}</a>` : nothing}
      <button class="quiet" @click=${() => void this.copy(message)}>${this.copied === message ? say("คัดลอกแล้ว", "Copied") : say("คัดลอกข้อความ", "Copy the message")}</button>
      <p role="status">${kept.texted_at ? say(`เปิดส่งไว้เมื่อ ${clock(kept.texted_at)} รอข้อความตอบกลับจากระบบ`, `Opened at ${clock(kept.texted_at)}; wait for the answer`) : nothing}</p>
      <ul class="small steps">
        <li>${sms ? say(`ส่งจากเบอร์ที่ลงทะเบียนไว้ ไปที่ ${sms.to}`, `Send it from your registered number to ${sms.to}`) : say("ส่งจาก LINE ที่ผูกกับคุณแล้ว", "Send it from the LINE account that is bound to you")}</li>
        <li>${say("ระบบจะทวนตัวเลขกลับมา อ่านให้ครบทุกช่อง", "The answer reads the figures back: compare each of them")}</li>
        <li>${say(`ถ้าระบบถาม ให้ตอบ ใช่ ${message.slice(-2)}`, `If it asks, answer OK ${message.slice(-2)}`)}</li>
        <li>${say("พอมีเน็ต แอปจะส่งรายงานที่ลงนามแล้วพร้อมรูปให้เอง ไม่ต้องทำอะไรซ้ำ", "Once there is data the app sends the signed report and the photographs by itself")}</li>
      </ul>
    </section>`;
  }

  private binding(line: Channel): TemplateResult {
    const { code } = this;
    const words = code ? say(`รหัส ${code.code}`, `CODE ${code.code}`) : "";
    return html`<section class="panel">
      <h2>${say("ใช้ LINE ครั้งแรก", "First time with LINE")}</h2>
      <p>${say("บอกระบบก่อนว่า LINE นี้เป็นของคุณ ทำครั้งเดียวตอนที่ยังมีเน็ต", "Say once, while there is data, that this LINE account is yours.")}</p>
      ${code
        ? html`<p>${say(`พิมพ์ในแชต ${line.to} ภายใน ${clock(code.until)}`, `Write to ${line.to} before ${clock(code.until)}`)}</p>
            <p class="words" role="status"><b>${words}</b></p>
            <a class="main" href=${lineLink(line.to, words)}>${say("เปิด LINE พร้อมรหัสนี้", "Open LINE with this code")}</a>
            <button class="quiet" @click=${() => void this.copy(words)}>${this.copied === words ? say("คัดลอกแล้ว", "Copied") : say("คัดลอก", "Copy")}</button>`
        : html`<button class="quiet" ?disabled=${this.busy} @click=${() => void this.ask()}>${say("ขอรหัสผูก LINE", "Get a code")}</button>`}
    </section>`;
  }
}
