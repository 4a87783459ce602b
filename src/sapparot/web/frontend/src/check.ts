// The page on which anybody checks an entry of the log.
import { QrCodes } from "./check/codes";
import { CheckEntry } from "./check/panel";

customElements.define("qr-codes", QrCodes);
customElements.define("check-entry", CheckEntry);
