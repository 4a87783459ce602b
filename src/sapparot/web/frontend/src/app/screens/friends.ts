// Bringing friends: a link of one's own with its QR code, how many may still come by such links, and those that were made.
import { html, nothing, type TemplateResult } from "lit";
import { keep, kept } from "../asking";
import { drawn } from "../codes";
import { back, Screen, troubleFrom } from "../element";
import type { Profile } from "../facts";
import { link, moment, number, say, told } from "../language";
import { mark } from "../marks";
import { current } from "../profiles";
import { json } from "../wire";

interface Link {
  id: string;
  uses: number;
  used: number;
  expires_at: string;
  ended_at: string | null;
}
interface Mine {
  own_invites: number;
  links: Link[];
}
/** The newest link of this phone: its code is told once, so the phone keeps it. */
interface Fresh {
  id: string;
  address: string;
}

const MOST = 10;

export class FriendsScreen extends Screen {
  private profile: Profile | null = null;
  private mine: Mine | null = null;
  private fresh: Fresh | null = null;
  private uses = 1;
  private copied = false;

  protected override async load(): Promise<void> {
    this.profile = await current();
    if (!this.profile || this.mine) return;
    this.fresh = (await kept<Fresh>(this.profile.person, "friends"))?.value ?? null;
    try {
      await this.ask();
    } catch (error) {
      this.trouble = troubleFrom(error);
    }
  }

  private async ask(): Promise<void> {
    const [{ own_invites }, { invites }] = await Promise.all([json<{ own_invites: number }>("GET", "/v1/me"), json<{ invites: Link[] }>("GET", "/v1/me/invites")]);
    this.mine = { own_invites, links: invites };
  }

  /** How many may still be brought: what links promise that stand, and who came by the others, is given away. */
  private get left(): number {
    const { own_invites, links } = this.mine ?? { own_invites: 0, links: [] };
    return Math.max(0, own_invites - links.reduce((sum, one) => sum + (stands(one) ? one.uses : one.used), 0));
  }

  private async make(): Promise<void> {
    const { profile } = this;
    if (!profile) return;
    await this.attempt(async () => {
      const made = await json<{ id: string; code: string }>("POST", "/v1/me/invites", { body: { uses: Math.min(this.uses, this.left) } });
      this.fresh = { id: made.id, address: `${location.origin}${link(`/join/${profile.network}`)}#invite=${made.code}` };
      this.copied = false;
      await keep(profile.person, "friends", this.fresh);
      await this.ask();
    });
  }

  private async cancel(one: Link): Promise<void> {
    await this.attempt(async () => {
      await json("DELETE", `/v1/me/invites/${one.id}`);
      await this.ask();
    });
  }

  private async share(address: string): Promise<void> {
    if (navigator.share) return void (await navigator.share({ url: address }).catch(() => undefined));
    await this.attempt(async () => {
      await navigator.clipboard.writeText(address);
      this.copied = true;
    });
  }

  protected override render(): unknown {
    const open = this.mine?.links.filter(stands) ?? [];
    const shown = this.fresh && open.some(({ id, used, uses }) => id === this.fresh?.id && used < uses) ? this.fresh : null;
    return html`${back("#/me")}
      <h1 tabindex="-1">${say("ชวนเพื่อน", "Bring friends")}</h1>
      <p class="lead">${say("ส่งลิงก์ให้คนที่คุณรู้จักและไว้ใจ เขาจะเข้าเครือข่ายเดียวกับคุณ", "Send a link to people whom you know and trust. They join the same network.")}</p>
      ${this.complaint()} ${shown ? this.code(shown) : nothing} ${this.mine ? this.making(this.mine) : nothing}
      ${open.length
        ? html`<h2>${say("ลิงก์ที่ยังใช้ได้", "Links that stand")}</h2>
            <ul class="rows">${open.map((one) => html`<li class="row"><span>${say(`มาแล้ว ${one.used} จาก ${one.uses} คน`, `${one.used} of ${one.uses} came`)}<small>${say(`ใช้ได้ถึง ${moment(one.expires_at)}`, `until ${moment(one.expires_at)}`)}</small></span><button class="quiet" ?disabled=${this.busy} @click=${() => void this.cancel(one)}>${say("ยกเลิก", "Cancel")}</button></li>`)}</ul>`
        : nothing}`;
  }

  private code({ address }: Fresh): TemplateResult {
    return html`<section class="panel">
      <h2>${say("ลิงก์ของคุณ", "Your link")}</h2>
      <div class="codes">${drawn(address, say("QR ของลิงก์ชวนเพื่อน", "QR code of your link"))}</div>
      <p class="words">${address}</p>
      <button class="main" @click=${() => void this.share(address)}>${mark("share")} ${say("ส่งลิงก์", "Share the link")}</button>
      ${this.copied ? html`<p role="status">${say("คัดลอกแล้ว", "Copied")}</p>` : nothing}
      <p class="small">${say("ให้เพื่อนสแกนจากจอนี้ หรือส่งทางแชตส่วนตัว อย่าโพสต์ในกลุ่มใหญ่", "Let your friend scan it, or send it in a private chat. Do not post it in a large group.")}</p>
    </section>`;
  }

  private making({ own_invites }: Mine): TemplateResult {
    if (own_invites === 0) return html`<p class="notice">${say(`${told(this.profile?.network_name)} ให้ผู้จัดเป็นคนส่งลิงก์ ถ้ามีคนอยากร่วม บอกผู้จัดได้เลย`, "In your network the organisers send the links. Tell them who would like to join.")}</p>`;
    const { left } = this;
    return html`<p role="status"><b>${say(`ชวนได้อีก ${number(left)} จาก ${number(own_invites)} คน`, `You may bring ${number(left)} of ${number(own_invites)} people`)}</b></p>
      ${left
        ? html`<label class="field"
              ><span>${say("ลิงก์ใหม่นี้สำหรับกี่คน", "For how many people is the new link")}</span
              ><select @change=${(event: Event) => (this.uses = Number((event.target as HTMLSelectElement).value))}>
                ${Array.from({ length: Math.min(left, MOST) }, (_, at) => html`<option value=${at + 1} ?selected=${at + 1 === this.uses}>${at + 1}</option>`)}
              </select></label
            >
            <button class=${this.fresh ? "quiet" : "main"} ?disabled=${this.busy} @click=${() => void this.make()}>${say("สร้างลิงก์", "Make a link")}</button>`
        : html`<p>${say("ชวนครบแล้ว ขอบคุณ ยกเลิกลิงก์ที่ยังไม่มีใครใช้เพื่อชวนคนอื่นแทนได้", "That is everybody, thank you. Cancel a link that nobody used to bring somebody else instead.")}</p>`}`;
  }
}

function stands({ ended_at, expires_at }: Link): boolean {
  return ended_at === null && Date.parse(expires_at) > Date.now();
}
