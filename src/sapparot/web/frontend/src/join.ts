// The page on which people join a network.
import { JoinForm } from "./app/joining";

customElements.define("join-form", JoinForm);
