// Every screen that is not among the first.
import { AreaChoice } from "../area-choice";
import { CarryScreen } from "./carry";
import { DataScreen } from "./data";
import { DevicesScreen } from "./devices";
import { FriendsScreen } from "./friends";
import { MeScreen } from "./me";
import { NewsScreen } from "./news";
import { OutboxScreen } from "./outbox";
import { PlacesScreen } from "./places";
import { ReportScreen } from "./report";
import { StationScreen } from "./station";
import { TextScreen } from "./text";
import { TrainingScreen } from "./training";

export const MORE: Record<string, CustomElementConstructor> = {
  "area-choice": AreaChoice,
  "training-screen": TrainingScreen,
  "places-screen": PlacesScreen,
  "station-screen": StationScreen,
  "outbox-screen": OutboxScreen,
  "report-screen": ReportScreen,
  "carry-screen": CarryScreen,
  "text-screen": TextScreen,
  "news-screen": NewsScreen,
  "friends-screen": FriendsScreen,
  "me-screen": MeScreen,
  "data-screen": DataScreen,
  "devices-screen": DevicesScreen,
};
