// Every screen under its name.
import { CodeForm } from "../code-form";
import { CarryScreen } from "./carry";
import { DataScreen } from "./data";
import { DevicesScreen } from "./devices";
import { HomeScreen } from "./home";
import { MeScreen } from "./me";
import { NewsScreen } from "./news";
import { OutboxScreen } from "./outbox";
import { PlacesScreen } from "./places";
import { ReportScreen } from "./report";
import { SigninScreen } from "./signin";
import { StationScreen } from "./station";
import { TextScreen } from "./text";
import { TrainingScreen } from "./training";
import { WelcomeScreen } from "./welcome";

const SCREENS: [string, CustomElementConstructor][] = [
  ["code-form", CodeForm],
  ["welcome-screen", WelcomeScreen],
  ["signin-screen", SigninScreen],
  ["home-screen", HomeScreen],
  ["training-screen", TrainingScreen],
  ["places-screen", PlacesScreen],
  ["station-screen", StationScreen],
  ["outbox-screen", OutboxScreen],
  ["report-screen", ReportScreen],
  ["carry-screen", CarryScreen],
  ["text-screen", TextScreen],
  ["news-screen", NewsScreen],
  ["me-screen", MeScreen],
  ["data-screen", DataScreen],
  ["devices-screen", DevicesScreen],
];

export function define(): void {
  for (const [name, made] of SCREENS) if (!customElements.get(name)) customElements.define(name, made);
}
