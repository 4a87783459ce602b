"""Odd values of JSON, and the places of a payload where a hostile phone may put them."""

from __future__ import annotations

ONES = b"1" * 4300
VALUES = (
    b"0", b"-0", b"-1", b"01", b"-01", b"1.", b".5", b"1.0", b"1e5", b"1E5", b"1.0e+5", b"1e", b"-", b"0x1", ONES, b"-" + ONES[:-1],
    b"1" + ONES, b"-" + ONES, ONES + b".5", ONES + b"e5", b"1e308", b"1e309", b"-1e309", b"1e-999", b"0e999", b"0.0e99999", b"1e9999999999",
    b"1" * 310 + b".0", b"1" * 400 + b"e-300", b"0." + ONES, b"NaN", b"Infinity", b"tru", b"true", b"null", b"", b"1 2", b"// 1",
    b'""', b'"a"', b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\x01"', b'"\x7f"', b'"a\tb"', b'"a\n"', b'"\\x"',
    b'"\\/"', b'"\\u00"', b'"\\ud800"', b'"\\udc00"', b'"\\ud83d\\ude00"', b'"\\\\ud800"', b'"\\ud83d\\\\ude00"', b'"\\u0e01"', b'"""',
    b"[]", b"[1,]", b"[[[]]]", b"[1 2]", b"[]]", b"{}", b'{"a":1,}', b'{"a"}', b"{1:2}", b'{"a":1,"a":2}', b'{"a":1,"a":"b"}',
    b'{"\\ud800":1}', b'{"\xff":1}', b'{"sha256":1,"sha256":"a"}', b"\x0c1", b"\xc2\xa01", b"[" * 500,
    b"3", b"4", b"9007199254740992", b"9007199254740993", b"[0]", b'["a"]',
    *(b"[%s]" % b",".join([b'"a"'] * length) for length in (64, 65)),
    *(b'"%s"' % (b"a" * length) for length in (64, 65, 200, 201)),
    *(
        b'"%s"' % time
        for time in (
            b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+23:59", b"0000-01-01T00:00:00Z", b"9999-12-31T23:59:59.9999999Z",
            b"2026-03-01T24:00:00Z", b"2026-03-01T23:60:00Z", b"2026-03-01T23:59:60Z", b"2026-02-29T10:00:00Z", b"2026-03-01t10:00:00.5z",
            b"2026-03-01T10:00:00.Z", b"2026-03-01T10:00:00,5Z", b"2026-03-01T10:00:00+0700", b"2026-03-01T10:00:00+07",
            b"2026-03-01T10:00:00+24:00", b"2026-03-01T10:00:00+07:60", b"2026-03-01T10:00:00", b"2026-03-01T10:00Z",
            b"2026-03-01T09:59:59.9999995Z", b"2026-03-01T09:59:59.9999994Z", b"2026-03-01  10:00:00Z", b"2026-3-01T10:00:00Z",
            b"20260301T100000Z", b"2026-03-01T10:00:00-00:00", b"2026-W09-7T10:00:00Z", b"2026-03-01_10:00:00Z", b"1969-12-31T23:59:59.5Z",
        )
    ),
)  # fmt: skip

_START = b'{"id":"h","election":"small","sheet":"no sheet","stage":"final",'
PLACES = {
    "a member that nobody reads": _START + b'"app":%s}',
    "deep in a member that nobody reads": _START + b'"app":{"a":[%s]}}',
    "what may be anything": _START + b'"evidence":[{"small":[%s]}]}',
    "a number": _START + b'"valid":%s}',
    "a number that holds": _START + b'"valid":1,"valid":%s}',
    "a number that does not hold": _START + b'"valid":%s,"valid":1}',
    "votes": _START + b'"votes":%s}',
    "votes of an option": _START + b'"votes":{"1":%s}}',
    "a time": _START + b'"observed_at":%s}',
    "a text": _START + b'"photo":%s}',
    "a list": _START + b'"evidence":%s}',
    "an object": _START + b'"evidence":[%s]}',
    "a counter": _START + b'"seq":%s}',
    "a name": _START + b'"replaces":%s}',
    "the place of a phone": _START + b'"place":%s}',
}

_ENROLLED = b'{"kid":"k","network":"n","level":1,"from":"2026-03-01T10:00:00Z","until":"2026-03-01T10:00:00Z",'
ENROLMENTS = {
    name: _ENROLLED + b'"%s":%%s}' % name.encode()
    for name in ("kid", "network", "level", "until", "key", "same", "areas")
}

_TYPED = b'{"alg":"EdDSA","typ":"sapparot-report+jwt",'
HEADERS = {
    "a member of the header that nobody reads": _TYPED + b'"x":%s}',
    "a critical member": _TYPED + b'"crit":%s}',
    "b64": _TYPED + b'"b64":%s}',
    "jwk": _TYPED + b'"jwk":%s}',
    "kid": _TYPED + b'"kid":%s}',
    "typ": b'{"alg":"EdDSA","typ":%s}',
    "alg": b'{"typ":"sapparot-report+jwt","alg":%s}',
}
