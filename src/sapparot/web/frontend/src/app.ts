// The volunteer's app.
import { PhoneApp } from "./app/shell";
import { define } from "./app/screens";

define();
customElements.define("phone-app", PhoneApp);
