// The device's key: P-256, made here, kept by the browser, never readable. It signs reports and the ask for enrolment.
import { base64url, hex, utf8 } from "../check/bytes";
import { thumbprint, type Members } from "../check/jws";
import { canonical, type Json } from "./canonical";

const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
const SIGNED = { name: "ECDSA", hash: "SHA-256" };
export const REPORT = "sapparot-report+jwt";
export const ASK = "sapparot-device+jwt";

export interface DeviceKey {
  kid: string;
  keys: CryptoKeyPair;
}

export async function makeKey(): Promise<DeviceKey> {
  const keys = (await crypto.subtle.generateKey(ECDSA, false, ["sign", "verify"])) as CryptoKeyPair;
  return { kid: await thumbprint(await publicKey(keys)), keys };
}

async function publicKey(keys: CryptoKeyPair): Promise<Members> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  return { kty, crv, x, y };
}

async function signed(keys: CryptoKeyPair, header: Json, payload: Json): Promise<string> {
  const body = `${base64url(utf8(canonical(header)))}.${base64url(utf8(canonical(payload)))}`;
  const mark = new Uint8Array(await crypto.subtle.sign(SIGNED, keys.privateKey, utf8(body)));
  return `${body}.${base64url(mark)}`;
}

/** A report as a compact JWS. Signing again gives other bytes: do it once and keep them. */
export function signReport(key: DeviceKey, payload: Json): Promise<string> {
  return signed(key.keys, { alg: "ES256", kid: key.kid, typ: REPORT }, payload);
}

/** What the device hands in to be enrolled. */
export async function signAsk(key: DeviceKey): Promise<string> {
  const jwk = (await publicKey(key.keys)) as Json;
  return signed(key.keys, { alg: "ES256", jwk, typ: ASK }, { invite: "", v: 1 });
}

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds, then chance. */
export function uuid7(now: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let at = 5, rest = now; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
