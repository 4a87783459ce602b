// The page on which anybody checks an entry of the log.
import { CheckEntry } from "./check/panel";

customElements.define("check-entry", CheckEntry);
