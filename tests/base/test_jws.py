"""Signatures are those of the standards, and what is not a signature is refused in every shape it takes."""

from __future__ import annotations

import json
from binascii import Error, a2b_base64
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as jose
from joserfc.jwk import ECKey, OKPKey

from sapparot.base import canonical
from sapparot.base.jws import MalformedJws, PublicKey, SigningKey, b64, parse, thumbprint, unb64

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
KEYS = {alg: SigningKey.from_secret(alg, b"k" * 32) for alg in ("ES256", "EdDSA")}
algs = pytest.mark.parametrize("alg", ["ES256", "EdDSA"])


def joserfc_key(jwk: dict[str, Any]) -> ECKey | OKPKey:
    return ECKey.import_key(jwk) if jwk["kty"] == "EC" else OKPKey.import_key(jwk)


def message(key: SigningKey, header: object, payload: bytes = b"{}", mark: bytes | None = None) -> bytes:
    """A compact JWS under any header; signed over what it says, unless another signature is given."""
    head = header if isinstance(header, bytes) else canonical.encode(header)
    signing_input = f"{b64(head)}.{b64(payload)}".encode()
    return signing_input + b"." + b64(key.raw_sign(signing_input) if mark is None else mark).encode()


@given(
    secret=st.binary(min_size=32, max_size=32), payload=st.binary(max_size=300), alg=st.sampled_from(["ES256", "EdDSA"])
)
def test_another_library_verifies_what_we_sign(secret: bytes, payload: bytes, alg: Any) -> None:
    key = SigningKey.from_secret(alg, secret)
    text = key.sign(payload, "test+jwt")
    found = jose.deserialize_compact(text, joserfc_key(key.jwk), algorithms=[alg])
    assert found.payload == payload
    assert found.headers() == {"alg": alg, "kid": key.kid, "typ": "test+jwt"}
    assert key.sign(payload, "test+jwt") == text, "equal messages give equal bytes"


@given(payload=st.binary(max_size=300), alg=st.sampled_from(["ES256", "EdDSA"]))
def test_we_verify_what_another_library_signs(payload: bytes, alg: str) -> None:
    key: ECKey | OKPKey = ECKey.generate_key("P-256") if alg == "ES256" else OKPKey.generate_key("Ed25519")
    jwk = dict(key.as_dict(private=False))
    text = jose.serialize_compact({"alg": alg, "kid": key.thumbprint()}, payload, key, algorithms=[alg])
    public, found = PublicKey.from_jwk(jwk), parse(text)
    assert public.verify(found)
    assert (found.payload, found.header.kid, public.kid) == (payload, key.thumbprint(), key.thumbprint())


@algs
@given(data=st.data())
def test_a_changed_bit_anywhere_is_noticed(alg: str, data: st.DataObject) -> None:
    key = KEYS[alg]
    raw = bytearray(key.sign(b'{"votes":1}', "test+jwt").encode())
    place, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    raw[place] ^= 1 << bit
    try:
        found = parse(bytes(raw))
    except MalformedJws:
        return
    assert not key.public().verify(found)


def test_the_thumbprint_is_that_of_the_standards() -> None:
    """RFC 8037, appendix A.3, and an EC key of RFC 7517, appendix A.1, by the rule of RFC 7638."""
    okp = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(okp) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    ec = {
        "kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", "use": "enc", "kid": "1",
    }  # fmt: skip
    written = json.dumps({name: ec[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    assert thumbprint(ec) == b64(sha256(written.encode()).digest()) == PublicKey.from_jwk(ec).kid
    assert thumbprint(ec) == joserfc_key({name: ec[name] for name in ("crv", "kty", "x", "y")}).thumbprint()


def test_the_signature_of_rfc_8037_is_verified() -> None:
    """Appendix A.4: the example with the key of appendix A.1."""
    public = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    text = (
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )
    assert public.verify(parse(text))
    assert parse(text).payload == b"Example of Ed25519 signing"


def test_the_signature_of_rfc_7515_is_verified() -> None:
    """Appendix A.3: ES256."""
    public = PublicKey.from_jwk(
        {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
         "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
    )  # fmt: skip
    text = (
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    assert public.verify(parse(text))


@algs
@pytest.mark.parametrize("named", ["none", "None", "", "HS256", "HS512", "RS256", "ES384", "ES256K", "Ed25519"])
def test_the_algorithm_comes_from_the_key_alone(alg: str, named: str) -> None:
    key = KEYS[alg]
    assert not key.public().verify(parse(message(key, {"alg": named})))
    assert not key.public().verify(parse(message(key, {"alg": named}, mark=b"")))
    other = KEYS["EdDSA" if alg == "ES256" else "ES256"]
    assert not key.public().verify(parse(message(other, {"alg": other.alg})))
    assert not key.public().verify(parse(message(key, {"alg": other.alg})))


@algs
def test_an_hmac_under_the_public_key_is_no_signature(alg: str) -> None:
    key, secret = KEYS[alg], canonical.encode(KEYS[alg].jwk)
    from joserfc.jwk import OctKey

    for named in ("HS256", "HS512"):
        text = jose.serialize_compact({"alg": named}, b"{}", OctKey.import_key(secret), algorithms=[named])
        assert not key.public().verify(parse(text))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "ES256", "crit": ["exp"]}, {"alg": "ES256", "crit": []}, {"alg": "ES256", "crit": None},
        {"alg": "ES256", "b64": False}, {"alg": "ES256", "crit": ["b64"], "b64": False}, {"alg": "ES256", "b64": 0},
        {"alg": "ES256", "b64": None}, {}, [], None, "ES256", {"alg": None}, {"alg": 5}, {"alg": "ES256", "kid": []},
        {"alg": "ES256", "typ": 1}, {"alg": "ES256", "jwk": "x"}, {"alg": "ES256", "jwk": []},
        b"", b"{", b"\xff", b'{"alg":"ES256","kid":"\xff"}', b'{"alg":"\\ud800"}', b'{"alg":"ES256"}x',
        b'{"alg":"ES256","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"[" * 1_000_000,
    ],
)  # fmt: skip
def test_a_header_that_we_do_not_understand_is_refused(header: object) -> None:
    with pytest.raises(MalformedJws):
        parse(message(KEYS["ES256"], header))


def test_an_unencoded_payload_is_refused_even_when_it_looks_encoded() -> None:
    head = b64(b'{"alg":"ES256","b64":false,"crit":["b64"]}').encode()
    signing_input = head + b".e30"
    with pytest.raises(MalformedJws):
        parse(signing_input + b"." + b64(KEYS["ES256"].raw_sign(signing_input)).encode())


def test_a_huge_header_costs_time_in_proportion_and_nothing_else() -> None:
    header = {"alg": "ES256", "kid": "k" * 1_000_000, "unknown": ["x"] * 10_000}
    found = parse(message(KEYS["ES256"], header))
    assert KEYS["ES256"].public().verify(found)


GOOD = KEYS["EdDSA"].sign(b"{}", "test+jwt")


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "..", "...", "a", "a.b", GOOD + ".", "." + GOOD, GOOD + "=", GOOD.replace(".", "=.", 1), " " + GOOD,
        GOOD + "\n", GOOD.replace(".", " .", 1), GOOD.replace(".", "\r\n.", 1), GOOD + "\x00", GOOD[:-1] + "/",
        GOOD[:-1] + "+", GOOD[:-1] + "é", "ก." + GOOD, GOOD.replace(".", "..", 1), GOOD[:-1],
        f"{GOOD.rpartition('.')[0]}.{'A' * 85}", f"{GOOD.rpartition('.')[0]}.A", '{"payload":"e30"}',
    ],
)  # fmt: skip
def test_a_text_that_is_not_exactly_a_compact_jws_is_refused(text: str) -> None:
    with pytest.raises(MalformedJws):
        parse(text)


def test_loose_bits_at_the_end_are_refused_so_that_equal_bytes_have_one_text() -> None:
    assert unb64("AA") == b"\x00"
    for text in ("AB", "AP", "AAB", "A", "AAAAA", "AA=", "AA==", "A A", "AA\n", "A+", "A/"):
        with pytest.raises(MalformedJws):
            unb64(text)


@given(st.binary(max_size=100))
def test_base64url_there_and_back_is_the_same(data: bytes) -> None:
    assert unb64(b64(data)) == data


def test_no_character_outside_of_base64url_is_passed_over() -> None:
    ours = {*b64(bytes(range(256))).encode(), *b"-_"}
    for length in range(1, 9):
        for place in range(length):
            for strange in sorted({*range(256)} - ours):
                raw = bytes(strange if at == place else 65 for at in range(length))
                with pytest.raises(MalformedJws):
                    unb64(raw)


@given(st.text(alphabet='AQgw-_+/="\\u0041\n\u00e9', max_size=24))
def test_base64url_is_read_as_strictly_as_the_standard_library_reads_base64(text: str) -> None:
    standard = text.translate(str.maketrans("-_+/=", "+/!!!")).encode()
    wanted: bytes | None = None
    try:
        data = a2b_base64(standard + b"=" * (-len(standard) % 4), strict_mode=True)
        wanted = data if b64(data) == text else None  # loose bits at the end
    except Error:
        pass
    try:
        assert unb64(text) == wanted
    except MalformedJws:
        assert wanted is None


@given(st.binary(max_size=200))
def test_no_bytes_make_parsing_fail_in_another_way(raw: bytes) -> None:
    for data in (raw, raw + b"." + raw + b"." + raw, b64(raw).encode() + b"." + b64(raw).encode() + b"."):
        try:
            parse(data)
        except MalformedJws:
            continue


@algs
@pytest.mark.parametrize("size", [0, 1, 32, 63, 65, 70, 71, 72, 96, 128, 10_000])
def test_a_signature_has_sixty_four_bytes(alg: str, size: int) -> None:
    assert not KEYS[alg].public().verify(parse(message(KEYS[alg], {"alg": alg}, mark=b"\x01" * size)))


def test_a_signature_in_the_wrong_wrapping_is_refused() -> None:
    """DER is what most libraries return; JWS wants r and s side by side."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    key = KEYS["ES256"]
    raw = parse(message(key, {"alg": "ES256"})).signature
    wrapped = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    assert not key.public().verify(parse(message(key, {"alg": "ES256"}, mark=wrapped)))


@pytest.mark.parametrize("r", [0, 1, ORDER - 1, ORDER, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, ORDER - 1, ORDER, 2**256 - 1])
def test_numbers_outside_the_curve_are_no_signature(r: int, s: int) -> None:
    mark = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert not KEYS["ES256"].public().verify(parse(message(KEYS["ES256"], {"alg": "ES256"}, mark=mark)))


def test_both_halves_of_the_curve_are_accepted_because_browsers_sign_with_either() -> None:
    key = KEYS["ES256"]
    found = parse(message(key, {"alg": "ES256"}))
    s = int.from_bytes(found.signature[32:], "big")
    mirrored = found.signature[:32] + (ORDER - s).to_bytes(32, "big")
    assert key.public().verify(found)
    assert key.public().verify(parse(found.signing_input + b"." + b64(mirrored).encode()))


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "RSA"}, {"kty": "OKP"}, {"kty": None}, {"crv": "P-384"}, {"crv": "secp256k1"}, {"x": None}, {"x": 5},
        {"x": ""}, {"x": b64(bytes(32)), "y": b64(bytes(32))}, {"x": b64(b"\xff" * 32)}, {"y": b64(b"\x01" * 32)},
        {"x": b64(bytes(31))}, {"x": b64(bytes(33))}, {"x": []}, {"x": {}}, {"y": "=" * 43}, {"x": "\ud800"},
    ],
)  # fmt: skip
def test_a_key_that_is_no_point_of_the_curve_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedJws):
        PublicKey.from_jwk(KEYS["ES256"].jwk | change)


@pytest.mark.parametrize(
    "change", [{"crv": "X25519"}, {"crv": "Ed448"}, {"x": b64(bytes(31))}, {"x": None}, {"kty": "EC"}]
)
def test_a_key_of_another_curve_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(MalformedJws):
        PublicKey.from_jwk(KEYS["EdDSA"].jwk | change)


def test_a_key_embedded_in_the_header_is_read_and_never_used_to_verify() -> None:
    key, other = KEYS["ES256"], SigningKey.from_secret("ES256", b"o" * 32)
    found = parse(message(other, {"alg": "ES256", "kid": key.kid, "jwk": other.jwk}))
    assert found.header.jwk == other.jwk
    assert not key.public().verify(found)
    assert other.public().verify(found)


@algs
def test_a_secret_has_thirty_two_bytes(alg: Any) -> None:
    for size in (0, 31, 33):
        with pytest.raises(ValueError, match="32 bytes"):
            SigningKey.from_secret(alg, bytes(size))
    for secret in (bytes(32), b"\xff" * 32, (ORDER - 1).to_bytes(32, "big"), ORDER.to_bytes(32, "big")):
        key = SigningKey.from_secret(alg, secret)
        assert key.public().verify(parse(key.sign(b"{}", "t")))
