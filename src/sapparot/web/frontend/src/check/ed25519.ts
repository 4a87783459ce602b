// What is loaded where the browser has no Ed25519: this much of @noble/curves and no more.
export { ed25519 } from "@noble/curves/ed25519.js";
