"""Telephone numbers as people write them, brought into one form (E.164) so that one telephone is one person.

Thai habits are read: Thai digits, hyphens and spaces, ``66`` without its plus, and the leading zero that a spreadsheet ate. Numbers
that cost the caller extra or that nobody can answer are refused.

The library is imported where it is used: that takes long, and few processes and commands read a number.
"""

from __future__ import annotations

from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.persons.problems import PHONE_INVALID

REGION = "TH"
LONGEST = 40
_SAID = Text(
    "เบอร์โทรศัพท์ไม่ถูกต้อง โปรดใส่เลขครบทุกหลัก เช่น 081 234 5678", "Give the whole telephone number, such as 081 234 5678"
)


def e164(text: str, region: str = REGION) -> str:
    """Return a telephone number in E.164, ``+66812345678``; raises :class:`Problem` PHONE_INVALID.

    ``region`` (ISO 3166) is the country of numbers that are written without one.
    """
    import phonenumbers
    from phonenumbers import PhoneNumberType as Kind

    try:
        number = phonenumbers.parse(text[: LONGEST + 1], region)
    except phonenumbers.NumberParseException as error:
        raise Problem(PHONE_INVALID, _SAID) from error
    reachable = (Kind.MOBILE, Kind.FIXED_LINE, Kind.FIXED_LINE_OR_MOBILE, Kind.VOIP, Kind.PERSONAL_NUMBER)
    if len(text) > LONGEST or number.extension or phonenumbers.number_type(number) not in reachable:
        raise Problem(PHONE_INVALID, _SAID)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def national(phone: str, region: str = REGION) -> str:
    """Return an E.164 number as people of ``region`` write it: ``081-234-5678``, or ``+44 20 7946 0000`` from abroad."""
    import phonenumbers

    number = phonenumbers.parse(phone, None)
    at_home = phonenumbers.region_code_for_number(number) == region
    style = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    written = str(phonenumbers.format_number(number, style))
    return written.replace(" ", "-") if at_home else written
