// Ed25519 and P-256 as the browser has them; where it has no Ed25519, @noble/curves is loaded for it.
import type { Bytes } from "./bytes";

export async function ed25519(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  let known: CryptoKey;
  try {
    known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    // Either the browser does not know Ed25519, or the key is none: the slower code tells.
    return plainly(key, signature, message);
  }
  return crypto.subtle.verify({ name: "Ed25519" }, known, signature, message);
}

export async function plainly(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  const curve = await import("./ed25519");
  try {
    return curve.ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/** ES256 (RFC 7518): ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each. */
export async function es256(jwk: JsonWebKey, signature: Bytes, message: Bytes): Promise<boolean> {
  if (signature.length !== 64) return false;
  try {
    const { kty, crv, x, y } = jwk;
    const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y } as JsonWebKey, ecdsa, false, ["verify"]);
    return await crypto.subtle.verify(ecdsa, key, signature, message);
  } catch {
    return false; // not a point of the curve
  }
}
