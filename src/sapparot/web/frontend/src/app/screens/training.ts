// Training with a short quiz. Once it was loaded it works without a network; the answers go out later.
import { html, nothing, type TemplateResult } from "lit";
import { asked } from "../asking";
import { leaveErrand } from "../errands";
import { back, Screen, troubleFrom } from "../element";
import type { Profile, Text } from "../facts";
import { say, told } from "../language";
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
  text: Text;
  choices: { id: string; text: Text }[];
  /** The right choice and why, where the server lets the phone mark by itself. */
  answer?: string;
  because?: Text;
}
interface Training {
  version: number;
  passed_at: string | null;
  lessons: Lesson[];
  questions: Question[];
}
interface Marked {
  passed: boolean;
  wrong: string[];
}

export class TrainingScreen extends Screen {
  private profile: Profile | null = null;
  private training: Training | null = null;
  private at = 0;
  private answers = new Map<string, string>();
  private marked: Marked | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.fetch();
  }

  private async fetch(): Promise<void> {
    this.profile = await current();
    if (!this.profile) return;
    try {
      this.training = (await asked<Training>(this.profile.person, "training", "/v1/me/training")).value;
    } catch (error) {
      this.trouble = troubleFrom(error);
    }
    this.requestUpdate();
  }

  private get steps(): number {
    return (this.training?.lessons.length ?? 0) + (this.training?.questions.length ?? 0);
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
    await this.attempt(async () => {
      const body = { version: training.version, answers: Object.fromEntries(this.answers) };
      try {
        this.marked = await json<Marked>("POST", "/v1/me/training", { body });
        if (!this.marked.passed) return;
        await update(profile.person, { trained: true });
        await enrol({ ...profile, trained: true }).catch(() => undefined);
      } catch (error) {
        if (!(error instanceof Offline)) throw error;
        this.marked = await this.offline(profile, training, body);
      }
    });
  }

  /** Without a network the phone marks the quiz itself where it can; the answers go out later and the server marks them again. */
  private async offline(profile: Profile, training: Training, body: unknown): Promise<Marked> {
    if (training.questions.some((one) => one.answer === undefined)) throw new Offline("the quiz is marked by the server");
    const wrong = training.questions.filter((one) => this.answers.get(one.id) !== one.answer).map((one) => one.id);
    if (wrong.length === 0) {
      await leaveErrand(profile.person, "training", "/v1/me/training", () => body);
      await update(profile.person, { trained: true });
    }
    return { passed: wrong.length === 0, wrong };
  }

  private again(): void {
    const wrong = this.marked?.wrong ?? [];
    wrong.forEach((id) => this.answers.delete(id));
    const first = this.training?.questions.findIndex((one) => wrong.includes(one.id)) ?? 0;
    this.marked = null;
    this.at = (this.training?.lessons.length ?? 0) + Math.max(0, first);
    this.go(0);
  }

  protected override render(): unknown {
    const { training } = this;
    if (!training) return html`${back("#/", say("หน้าแรก", "Home"))}<h1 tabindex="-1">${say("บทเรียน", "Training")}</h1>${this.complaint()}${this.trouble ? nothing : html`<p aria-busy="true">${say("กำลังโหลด…", "Loading …")}</p>`}`;
    if (this.marked) return this.result(training, this.marked);
    const lesson = training.lessons[this.at];
    const question = training.questions[this.at - training.lessons.length];
    return html`${back("#/", say("หน้าแรก", "Home"))}
      <progress max=${this.steps} value=${this.at} aria-label=${say(`หน้า ${this.at + 1} จาก ${this.steps}`, `Page ${this.at + 1} of ${this.steps}`)}></progress>
      ${lesson ? this.lesson(lesson) : question ? this.question(question) : this.ready()} ${this.complaint()}`;
  }

  private lesson(lesson: Lesson): TemplateResult {
    return html`<h1 tabindex="-1">${told(lesson.title)}</h1>
      ${told(lesson.text).split("\n").map((part) => html`<p class="lead">${part}</p>`)} ${this.steering(true)}`;
  }

  private question(question: Question): TemplateResult {
    const chosen = this.answers.get(question.id);
    return html`<p class="over">${say("แบบทดสอบ", "Quiz")}</p>
      <h1 tabindex="-1" id="question">${told(question.text)}</h1>
      <div role="radiogroup" aria-labelledby="question" class="choices">
        ${question.choices.map(
          (one) => html`<label class="choice" data-chosen=${one.id === chosen}><input type="radio" name=${question.id} .checked=${one.id === chosen} @change=${() => (this.answers.set(question.id, one.id), this.requestUpdate())} /><span>${told(one.text)}</span></label>`,
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
    return html`<h1 tabindex="-1">${say("ตอบครบแล้ว", "All answered")}</h1>
      <p class="lead">${say("ส่งคำตอบ แล้วรู้ผลทันที", "Send your answers and see how it went.")}</p>
      <div class="pair steering">
        <button class="quiet" @click=${() => this.go(-1)}>${say("ย้อนกลับ", "Back")}</button>
        <button class="main" ?disabled=${this.busy} @click=${() => void this.hand()}>${this.busy ? say("กำลังตรวจ…", "Checking …") : say("ส่งคำตอบ", "Send")}</button>
      </div>`;
  }

  private result(training: Training, marked: Marked): TemplateResult {
    if (marked.passed) {
      return html`<div class="hello">${mark("check")}<h1 tabindex="-1">${say("ผ่านแล้ว ยินดีด้วย", "Passed. Well done!")}</h1><p class="lead">${say("ตอนนี้ท่านรายงานคะแนนได้แล้ว", "You can report now.")}</p></div>
        <a class="main" href="#/">${say("ไปเลือกหน่วย", "On to a station")}</a>`;
    }
    const wrong = training.questions.filter((one) => marked.wrong.includes(one.id));
    return html`<h1 tabindex="-1">${say("เกือบผ่านแล้ว", "Almost there")}</h1>
      <p class="lead">${say(`ลองใหม่ ${wrong.length} ข้อ`, `${wrong.length} to try again`)}</p>
      <ul class="rows">
        ${wrong.map((one) => html`<li class="row"><span>${told(one.text)}${one.because ? html`<small>${told(one.because)}</small>` : nothing}</span></li>`)}
      </ul>
      <button class="main" @click=${() => this.again()}>${say("ลองอีกครั้ง", "Try again")}</button>`;
  }
}
