// The screens that people see first. The others come when one of them is opened, or when the phone has nothing else to do.
import { CodeForm } from "../code-form";
import { HomeScreen } from "./home";
import { SigninScreen } from "./signin";
import { WelcomeScreen } from "./welcome";

const FIRST: Record<string, CustomElementConstructor> = {
  "code-form": CodeForm,
  "welcome-screen": WelcomeScreen,
  "signin-screen": SigninScreen,
  "home-screen": HomeScreen,
};
const NAMES = new Set(["", "sign-in"]);

export function define(screens: Record<string, CustomElementConstructor> = FIRST): void {
  for (const [name, made] of Object.entries(screens)) if (!customElements.get(name)) customElements.define(name, made);
}

/** Resolves when the screen of that name can be drawn. */
export async function ready(name: string): Promise<void> {
  if (!NAMES.has(name)) define((await import("./more")).MORE);
}
