// Announcements of the network and the centre; readable without a network once they came.
import { html } from "lit";
import { asked } from "../asking";
import { Screen, troubleFrom } from "../element";
import type { Text } from "../facts";
import { moment, say, told } from "../language";
import { current } from "../profiles";
import { json } from "../wire";

interface Message {
  id: number;
  at: string;
  text: Text;
  seen_at: string | null;
  announcement: number | null;
  duty: number | null;
}

export class NewsScreen extends Screen {
  private messages: Message[] = [];
  private at = 0;
  private fresh = true;

  protected override async load(): Promise<void> {
    const person = (await current())?.person;
    if (!person) return;
    try {
      const { value, at, fresh } = await asked<{ messages: Message[] } | Message[]>(person, "messages", "/v1/me/messages");
      this.messages = [...(Array.isArray(value) ? value : value.messages)].reverse();
      const newest = this.messages[0];
      if (fresh && newest) void json("POST", "/v1/me/messages/seen", { body: { until: newest.id } }).catch(() => undefined);
      [this.at, this.fresh] = [at, fresh];
    } catch (error) {
      this.trouble = troubleFrom(error);
    }
  }

  protected override render(): unknown {
    return html`<h1 tabindex="-1">${say("ข่าวสาร", "News")}</h1>
      ${this.complaint()} ${this.fresh ? "" : html`<p class="small">${say("ข้อมูลที่เก็บไว้เมื่อ", "Kept from")} ${moment(this.at)}</p>`}
      ${this.messages.length || this.trouble ? "" : html`<p class="lead">${say("ยังไม่มีประกาศ เมื่อมีจะขึ้นที่นี่", "No announcements yet. They will show here.")}</p>`}
      <ul class="cards">
        ${this.messages.map(
          (one) => html`<li class="card message">
            <span class="card-head"><b>${one.duty ? say("หน้าที่", "Duty") : say("ประกาศ", "Announcement")}</b><span>${moment(one.at)}</span></span>
            <p>${told(one.text)}</p>
          </li>`,
        )}
      </ul>`;
  }
}
