"""What a client offers beyond HTTP/1.1 changes nothing."""

from __future__ import annotations

from tests.intake.phones import Front, Phone, answers, head


def test_an_offer_to_speak_another_protocol_is_passed_over(front: Front, phone: Phone) -> None:
    """curl --http2 offers to upgrade every plain request."""
    with front.socket() as connection:
        for _ in range(2):
            report = phone.report()
            offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA")
            connection.sendall(head(front, phone, len(report), *offer) + report)
            assert answers(connection)[0].outcomes == ["accepted"]
