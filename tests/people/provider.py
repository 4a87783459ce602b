"""A provider of OpenID Connect that runs as a process of its own: Authlib's server behind HTTP, with real keys, and lies on demand.

``python provider.py '{"alg": "RS256", "client": …, "secret": …, "back": …, "show": "client_secret_post"}'`` prints the port. A browser that
comes to ``/authorize`` types who it is. ``POST /lie`` names what is wrong with the next answer; ``GET /asked`` says what was asked.
"""

from __future__ import annotations

import hmac
import json
import os
import sys
import threading
import time
from base64 import urlsafe_b64encode
from typing import Any

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, Response, redirect, request
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from werkzeug.serving import make_server

CONFIG = json.loads(sys.argv[1])
ALG, CLIENT, SECRET = CONFIG["alg"], CONFIG["client"], CONFIG["secret"]
MAKERS: dict[str, Any] = {
    "RS256": lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}),
    "ES256": lambda: ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"}),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519", {"kid": "k1", "use": "sig"}),
    "HS256": lambda: OctKey.import_key(SECRET),
}
HOUR = 3600
FORM = (
    '<!doctype html><title>Provider</title><form method="post"><label>Who are you? <input name="who"></label>'
    "<button>Go on</button></form>"
)

app = Flask(__name__)
state: dict[str, Any] = {"lie": "", "keys": [MAKERS[ALG]()], "asked": [], "codes": {}, "silent": False}


class Client(ClientMixin):  # type: ignore[misc]
    """The only client."""

    id_token_signed_response_alg = ALG

    def get_client_id(self) -> str:
        return str(CLIENT)

    def get_default_redirect_uri(self) -> str:
        return str(CONFIG["back"])

    def get_allowed_scope(self, scope: str) -> str:
        return scope if scope == "openid" else ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return bool(redirect_uri == CONFIG["back"])

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(client_secret == SECRET)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return bool(method == CONFIG["show"])

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class User:
    """Somebody who typed who it is."""

    def __init__(self, name: str) -> None:
        self.name = name


class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """A code that was given out."""

    def __init__(self, asked: Any) -> None:
        data = asked.payload.data
        self.redirect_uri, self.scope, self.nonce = asked.payload.redirect_uri, asked.payload.scope, data.get("nonce")
        self.code_challenge, self.code_challenge_method = data.get("code_challenge"), data.get("code_challenge_method")
        self.user, self.at = asked.user, int(time.time())

    def get_redirect_uri(self) -> Any:
        return self.redirect_uri

    def get_scope(self) -> Any:
        return self.scope

    def get_nonce(self) -> Any:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.at

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """Codes, each good once."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")

    def save_authorization_code(self, code: str, asked: Any) -> None:
        state["codes"][code] = Code(asked)

    def query_authorization_code(self, code: str, client: Client) -> Any:
        return state["codes"].get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        state["codes"] = {code: one for code, one in state["codes"].items() if one is not authorization_code}

    def authenticate_user(self, authorization_code: Code) -> Any:
        return authorization_code.user


class Tokens(OpenIDCode):  # type: ignore[misc]
    """ID tokens, true unless a lie is asked for."""

    def exists_nonce(self, nonce: str, asked: Any) -> bool:
        return any(code.nonce == nonce for code in state["codes"].values())

    def resolve_client_private_key(self, client: Client) -> Any:
        return state["keys"][-1]

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": ALG} if ALG == "HS256" else {"alg": ALG, "kid": state["keys"][-1].kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": issuer(), "aud": CLIENT}

    def generate_user_info(self, user: User, scope: str) -> Any:
        return UserInfo(sub=user.name)

    def encode_id_token(self, token: Any, asked: Any) -> Any:
        honest = super().encode_id_token(token, asked)
        return lied(honest, state.pop("lie", "") or "") if state.get("lie") else honest


def lied(honest: str, lie: str) -> str:
    """Return an ID token that is wrong in one way."""
    state["lie"] = ""
    claims = json.loads(jws.extract_compact(honest.encode()).payload)
    key, head = state["keys"][-1], {"alg": ALG, "kid": "k1"}
    changes: dict[str, dict[str, Any]] = {
        "iss": {"iss": issuer() + "/other"}, "iss of another": {"iss": "https://access.line.me"}, "aud": {"aud": "somebody"},
        "aud of several": {"aud": [CLIENT, "somebody"]}, "azp": {"azp": "somebody"}, "nonce": {"nonce": "x"}, "no nonce": {"nonce": None},
        "expired": {"exp": claims["iat"] - HOUR}, "old": {"iat": claims["iat"] - HOUR}, "future": {"iat": claims["iat"] + HOUR},
        "not yet": {"nbf": claims["iat"] + HOUR}, "no sub": {"sub": None}, "empty sub": {"sub": ""}, "no exp": {"exp": None},
        "exp as text": {"exp": "9999999999"}, "sub as number": {"sub": 12},
    }  # fmt: skip
    if lie in changes:
        claims = {name: value for name, value in (claims | changes[lie]).items() if value is not None}
        return str(jwt.encode(head, claims, key, [ALG]))
    payload = json.dumps(claims).encode()
    if lie == "none":
        return f"{_b64(json.dumps({'alg': 'none'}).encode())}.{_b64(payload)}."
    if lie == "confusion":  # the public key, as anyone can read it, taken for a secret
        secret = key.as_pem(private=False) if ALG != "HS256" else b"x" * 32
        signed = f"{_b64(json.dumps({'alg': 'HS256', 'kid': 'k1'}).encode())}.{_b64(payload)}"
        return f"{signed}.{_b64(hmac.digest(secret, signed.encode(), 'sha256'))}"
    if lie == "other key":
        other = "RS256" if ALG == "HS256" else ALG
        return str(jwt.encode({"alg": other, "kid": "k1"}, claims, MAKERS[other](), [other]))
    if lie == "key in the header":
        own = ECKey.generate_key("P-256", {"kid": "k1"})
        return jws.serialize_compact(
            {"alg": "ES256", "jwk": own.as_dict(private=False)}, payload, own, algorithms=["ES256"]
        )
    if lie == "signature":
        return honest[:-8] + "AAAAAAAA"
    return {"no token": "", "not a token": "a.b.c", "words": "…", "long": "x" * 30_000}[lie]


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


class Issuer(IssuerParameter):  # type: ignore[misc]
    """Answers say who gives them."""

    def get_issuer(self) -> str | None:
        return str(CONFIG.get("iss") or issuer()) if CONFIG.get("names_itself", True) else None


def issuer() -> str:
    return f"http://127.0.0.1:{server.server_port}"


@app.before_request
def noted() -> Any:
    if request.path in ("/lie", "/asked", "/back", "/keys/new", "/silent"):
        return None
    auth = "basic" if request.headers.get("authorization") else ""
    state["asked"].append(
        {"path": request.path, "args": request.args.to_dict(), "form": request.form.to_dict(), "auth": auth}
    )
    return Response("later", 503) if state["silent"] else None


@app.get("/.well-known/openid-configuration")
def introduction() -> dict[str, Any]:
    where = CONFIG.get("introduces") or issuer()
    return {
        "issuer": where,
        "authorization_endpoint": f"{issuer()}/authorize",
        "token_endpoint": f"{issuer()}/token",
        "jwks_uri": f"{issuer()}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALG],
        "authorization_response_iss_parameter_supported": bool(CONFIG.get("names_itself", True)),
    }


@app.get("/jwks")
def keys() -> dict[str, Any]:
    shown = [] if ALG == "HS256" else [key.as_dict(private=False) for key in state["keys"]]
    return {"keys": shown}


@app.get("/authorize")
def typed() -> Any:
    oauth.get_consent_grant(end_user=None)
    return FORM


@app.post("/authorize")
def authorized() -> Any:
    who = request.form.get("who", "")
    return oauth.create_authorization_response(grant_user=User(who) if who else None)


@app.post("/token")
def token() -> Any:
    return oauth.create_token_response()


@app.post("/lie")
def lie() -> str:
    state["lie"] = request.get_data(as_text=True)
    return ""


@app.post("/back")
def back() -> str:
    CONFIG["back"] = request.get_data(as_text=True)
    return ""


@app.post("/silent")
def silent() -> str:
    state["silent"] = request.get_data(as_text=True) == "1"
    return ""


@app.post("/keys/new")
def new_key() -> str:
    made = MAKERS[ALG]()
    made = type(made).import_key(made.as_dict(private=True) | {"kid": f"k{len(state['keys']) + 1}"})
    state["keys"] = [made]
    return ""


@app.get("/asked")
def asked() -> list[dict[str, Any]]:
    return list(state["asked"])


@app.get("/elsewhere")
def elsewhere() -> Any:
    return redirect("https://example.org/")


oauth = AuthorizationServer(app, lambda client: Client() if client == CLIENT else None, lambda token, asked: None)
oauth.register_grant(CodeGrant, [CodeChallenge(required=True), Tokens(require_nonce=True)])
oauth.register_extension(Issuer())
server = make_server("127.0.0.1", 0, app, threaded=True)
if __name__ == "__main__":
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()  # whoever started it lets go, and it ends
