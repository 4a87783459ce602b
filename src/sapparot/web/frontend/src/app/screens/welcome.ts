// The first screen on a phone on which nobody is a volunteer yet.
import { html, nothing } from "lit";
import { Screen } from "../element";
import { link, say, told } from "../language";
import { HEXAGON } from "../marks";
import { networks, type Network } from "../signing-in";

export class WelcomeScreen extends Screen {
  private found: Network[] = [];

  protected override async load(): Promise<void> {
    this.found = await networks().catch(() => []);
  }

  protected override render(): unknown {
    const open = this.found.filter((one) => one.open);
    return html`<div class="hello">
        ${HEXAGON}
        <h1 tabindex="-1">${say("มาช่วยกันนับคะแนน", "Let us count together")}</h1>
        <p class="lead">${say("อาสาสมัครที่หน่วยเลือกตั้งทุกหน่วยรายงานสิ่งที่เห็น และทุกคนตรวจสอบได้", "Volunteers at every polling station report what they see, and anyone can check it.")}</p>
      </div>
      <a class="main" href="#/sign-in">${say("ฉันเป็นอาสาแล้ว", "I am a volunteer already")}</a>
      ${open.length
        ? html`<h2>${say("ยังไม่ได้เป็นอาสา? เลือกเครือข่าย", "Not yet? Choose a network")}</h2>
            <ul class="rows">
              ${open.map((one) => html`<li><a class="row" href=${link(`/join/${one.id}`)}><span>${told(one.name)}</span><span aria-hidden="true">›</span></a></li>`)}
            </ul>`
        : nothing}
      <p class="small">${say("ได้ลิงก์หรือ QR จากเครือข่าย? เปิดลิงก์นั้นได้เลย", "Did you get a link or a QR code from a network? Just open it.")}</p>
      <p class="small"><a href="#/data">${say("แอปนี้เก็บอะไรไว้ในเครื่อง", "What this app keeps on the phone")}</a></p>`;
  }
}
