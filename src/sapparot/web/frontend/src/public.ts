// What the public pages do when there is JavaScript; without it they work by reloading.
import { HexMap } from "./hex-map";
import { LiveCount } from "./live-count";

customElements.define("live-count", LiveCount);
customElements.define("hex-map", HexMap);
