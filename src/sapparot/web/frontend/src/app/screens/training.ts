// Training with a short quiz. Once it was loaded it works without a network; the answers go out later.
import { html, nothing, type TemplateResult } from "lit";
import { asked } from "../asking";
import { leaveErrand } from "../errands";
import { back, Screen, troubleFrom } from "../element";
import type { Profile, Text } from "../facts";
import { clock, say, told } from "../language";
import { mark } from "../marks";
import { current, enrol, update } from "../profiles";
import { json, Offline } from "../wire";

interface Lesson {
  id: string;
  title: Text;
  text: Text;
}
interface Question {
  id: string;
  ask: Text;
  options: Text[];
}
/** Lessons, and the next try; nothing in it says what is right (docs/formats/training.md). */
interface Training {
  version: number;
  passed: boolean;
  lessons: Lesson[];
  again_at: string | null;
  quiz: { number: number; questions: Question[] } | null;
}
interface Marked {
  passed: boolean;
  mistakes: { id: string; right: Text; why: Text }[];
}

export class TrainingScreen extends Screen {
  private profile: Profile | null = null;
  private training: Training | null = null;
  private at = 0;
  private answers = new Map<string, number>();
  private marked: Marked | null = null;
  private waits = false;

  protected override async load(): Promise<void> {
    this.profile = await current();
    if (!this.profile) return;
    try {
      this.training = (await asked<Training>(this.profile.person, "training", "/v1/me/training")).value;
    } catch (error) {
      this.trouble = troubleFrom(error);
    }
  }

  private get questions(): Question[] {
    return this.training?.quiz?.questions ?? [];
  }

  private get steps(): number {
    return (this.training?.lessons.length ?? 0) + this.questions.length;
  }

  private go(by: number): void {
    this.at = Math.max(0, Math.min(this.steps, this.at + by));
    this.requestUpdate();
    void this.updateComplete.then(() => {
      scrollTo({ top: 0 });
      this.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    });
  }

  private async hand(): Promise<void> {
    const { training, profile } = this;
    if (!training || !profile) return;
    const body = { version: training.version, number: training.quiz?.number ?? 0, answers: Object.fromEntries(this.answers) };
    await this.attempt(async () => {
      try {
        this.marked = await json<Marked>("POST", "/v1/me/training", { body });
        if (!this.marked.passed) return;
        await update(profile.person, { trained: true });
        await enrol({ ...profile, trained: true }).catch(() => undefined);
      } catch (error) {
        if (!(error instanceof Offline)) throw error;
        // The answers go out later; the server marks them, and reporting is unlocked then.
        await leaveErrand(profile.person, "training", "/v1/me/training", () => body);
        this.waits = true;
      }
    });
  }

  private async again(): Promise<void> {
    this.marked = null;
    this.answers.clear();
    this.at = this.training?.lessons.length ?? 0;
    await this.refresh();
    this.go(0);
  }

  protected override render(): unknown {
    const { training } = this;
    if (!training) return this.arriving();
    if (this.marked) return this.result(training, this.marked);
    if (this.waits) return html`${back("#/", say("หน้าแรก", "Home"))}<h1 tabindex="-1">${say("เก็บคำตอบไว้แล้ว", "Your answers are kept")}</h1><p class="lead">${say("จะส่งเองเมื่อมีสัญญาณ แล้วแจ้งผลให้ทราบ", "They go out when there is a network, and you hear how it went.")}</p>`;
    const lesson = training.lessons[this.at];
    const question = this.questions[this.at - training.lessons.length];
    return html`${back("#/", say("หน้าแรก", "Home"))}
      <progress max=${this.steps} value=${this.at} aria-label=${say(`หน้า ${this.at + 1} จาก ${this.steps}`, `Page ${this.at + 1} of ${this.steps}`)}></progress>
      ${lesson ? this.lesson(lesson) : question ? this.question(question) : this.ready()} ${this.complaint()}`;
  }

  /** Before the lessons are here. */
  private arriving(): TemplateResult {
    return html`${back("#/", say("หน้าแรก", "Home"))}
      <h1 tabindex="-1">${say("บทเรียน", "Training")}</h1>
      ${this.complaint()}
      ${this.trouble ? html`<button class="main" @click=${() => void this.anew()}>${say("ลองอีกครั้ง", "Try again")}</button>` : html`<p aria-busy="true">${say("กำลังโหลด…", "Loading …")}</p>`}`;
  }

  private lesson(lesson: Lesson): TemplateResult {
    return html`<h1 tabindex="-1">${told(lesson.title)}</h1>
      ${told(lesson.text).split("\n").map((part) => html`<p class="lead">${part}</p>`)} ${this.steering(true)}`;
  }

  private question(question: Question): TemplateResult {
    const chosen = this.answers.get(question.id);
    return html`<p class="over">${say("แบบทดสอบ", "Quiz")}</p>
      <h1 tabindex="-1" id="question">${told(question.ask)}</h1>
      <div role="radiogroup" aria-labelledby="question" class="choices">
        ${question.options.map(
          (one, at) => html`<label class="choice" data-chosen=${at === chosen}><input type="radio" name=${question.id} .checked=${at === chosen} @change=${() => (this.answers.set(question.id, at), this.requestUpdate())} /><span>${told(one)}</span></label>`,
        )}
      </div>
      ${this.steering(chosen !== undefined)}`;
  }

  private steering(may: boolean): TemplateResult {
    return html`<div class="pair steering">
      ${this.at > 0 ? html`<button class="quiet" @click=${() => this.go(-1)}>${say("ย้อนกลับ", "Back")}</button>` : nothing}
      <button class="main" ?disabled=${!may} @click=${() => this.go(1)}>${say("ต่อไป", "Next")}</button>
    </div>`;
  }

  private ready(): TemplateResult {
    if (!this.training?.quiz) return this.pause();
    return html`<h1 tabindex="-1">${say("ตอบครบแล้ว", "All answered")}</h1>
      <p class="lead">${say("ส่งคำตอบ แล้วรู้ผลทันที", "Send your answers and see how it went.")}</p>
      <div class="pair steering">
        <button class="quiet" @click=${() => this.go(-1)}>${say("ย้อนกลับ", "Back")}</button>
        <button class="main" ?disabled=${this.busy} @click=${() => void this.hand()}>${this.busy ? say("กำลังตรวจ…", "Checking …") : say("ส่งคำตอบ", "Send")}</button>
      </div>`;
  }

  private pause(): TemplateResult {
    if (this.training?.passed) return html`<h1 tabindex="-1">${say("คุณผ่านแบบทดสอบแล้ว", "You have passed the quiz")}</h1>`;
    const again = this.training?.again_at;
    return html`<h1 tabindex="-1">${say("พักสักครู่แล้วลองใหม่", "Take a break, then try again")}</h1>
      ${again ? html`<p class="lead">${say(`ลองใหม่ได้เวลา ${clock(again)} ระหว่างนี้อ่านบทเรียนอีกรอบได้เลย`, `You can try again at ${clock(again)}. Until then you may read the lessons once more.`)}</p>` : nothing}
      <div class="pair steering"><button class="quiet" @click=${() => this.go(-this.at)}>${say("อ่านบทเรียนอีกรอบ", "Read the lessons again")}</button></div>`;
  }

  private result(training: Training, marked: Marked): TemplateResult {
    if (marked.passed) {
      return html`<div class="hello">${mark("check")}<h1 tabindex="-1">${say("ผ่านแล้ว ยินดีด้วย", "Passed. Well done!")}</h1><p class="lead">${say("ตอนนี้คุณรายงานคะแนนได้แล้ว", "You can report now.")}</p></div>
        <a class="main" href="#/">${say("ไปเลือกหน่วย", "On to a station")}</a>`;
    }
    const asked = new Map(training.quiz?.questions.map((one) => [one.id, one.ask]));
    return html`<h1 tabindex="-1">${say("เกือบผ่านแล้ว", "Almost there")}</h1>
      <ul class="rows">
        ${marked.mistakes.map((one) => html`<li class="row"><span>${told(asked.get(one.id))}<br /><b>${told(one.right)}</b><small>${told(one.why)}</small></span></li>`)}
      </ul>
      <button class="main" @click=${() => void this.again()}>${say("ลองอีกครั้ง", "Try again")}</button>`;
  }
}
