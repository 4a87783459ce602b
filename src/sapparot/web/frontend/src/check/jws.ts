// Compact JWS (RFC 7515) with ES256 or EdDSA, and key thumbprints (RFC 7638). The key says which algorithm it is, never the message.
import { base64url, Damaged, sha256, unbase64url, utf8, words, type Bytes } from "./bytes";
import { ed25519, es256 } from "./signatures";

export type Members = Record<string, unknown>;

export interface Jws {
  header: Members;
  payload: Members;
  signed: Bytes;
  signature: Bytes;
}

export function readJson(bytes: Uint8Array): Members {
  let value: unknown;
  try {
    value = JSON.parse(words(bytes));
  } catch {
    throw new Damaged("not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Damaged("not a JSON object");
  return value as Members;
}

export function readJws(text: string): Jws {
  const parts = text.split(".");
  const [head, body, mark] = parts;
  if (parts.length !== 3 || head === undefined || body === undefined || mark === undefined) throw new Damaged("not a JWS");
  const header = readJson(unbase64url(head));
  if ("crit" in header || header["b64"] === false) throw new Damaged("a JWS of an unknown kind");
  return { header, payload: readJson(unbase64url(body)), signed: utf8(`${head}.${body}`), signature: unbase64url(mark) };
}

export async function jwsHolds(jws: Jws, key: Members): Promise<boolean> {
  const { kty, crv, x } = key;
  if (kty === "OKP" && crv === "Ed25519" && typeof x === "string") {
    return jws.header["alg"] === "EdDSA" && ed25519(unbase64url(x), jws.signature, jws.signed);
  }
  return kty === "EC" && crv === "P-256" && jws.header["alg"] === "ES256" && es256(key as JsonWebKey, jws.signature, jws.signed);
}

/** The name of a key that follows from the key itself. */
export async function thumbprint(key: Members): Promise<string> {
  const names = key["kty"] === "EC" ? ["crv", "kty", "x", "y"] : ["crv", "kty", "x"];
  const members = names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(key[name])}`);
  return base64url(await sha256(utf8(`{${members.join(",")}}`)));
}

export function text(members: Members, name: string): string {
  const value = members[name];
  return typeof value === "string" ? value : "";
}

export function members(from: Members, name: string): Members {
  const value = from[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {};
}
