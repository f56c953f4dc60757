"""Reports of mail that came back, as mail servers write them (RFC 3464)."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.jobs.bounces import Bounce, read
from tests.jobs.returned import report

LETTER = UUID("5c9f0de8-9a2e-4c39-8c38-95d4d3c2f2d9")
ADDRESS = "sam.jones@dwp.example"
OURS = Bounce(LETTER, ADDRESS)
REPORT = report(LETTER, ADDRESS)


@pytest.mark.parametrize("content_type", ["text/rfc822-headers", "message/rfc822"])
def test_it_is_known_by_the_mail_or_by_its_headers(content_type: str) -> None:
    assert read(report(LETTER, ADDRESS, returned=content_type)) == OURS


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.1"), ("failed", "4.4.7"),
                           ("delivered", "2.0.0"), ("relayed", "5.0.0")],
)  # fmt: skip
def test_what_may_still_arrive_or_has_did_not_come_back(
    action: str, status: str
) -> None:
    assert read(report(LETTER, ADDRESS, action=action, status=status)) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: Out of office\r\n\r\nBack on Monday.",
        REPORT.replace(b"multipart/report", b"multipart/mixed"),
        REPORT.replace(str(LETTER).encode(), b"20270210.12345"),
        REPORT.replace(b"Message-ID: <", b"Subject: <"),
    ],
)
def test_what_is_no_report_of_a_mail_of_ours_is_left_out(raw: bytes) -> None:
    assert read(raw) is None


def test_the_report_s_own_id_is_not_that_of_our_mail() -> None:
    other = UUID(int=7)
    raw = b"Message-ID: <%b@mx.example>\r\n%b" % (str(other).encode(), REPORT)
    assert read(raw) == OURS


@given(st.binary(max_size=300), st.integers(0, len(REPORT)), st.integers(0, 300))
def test_whatever_comes_it_is_ours_or_nothing(
    noise: bytes, place: int, cut: int
) -> None:
    found = read(REPORT[:place] + noise + REPORT[place + cut :])
    assert found is None or found.letter == LETTER
    assert read(noise) is None


def test_whom_it_went_to_does_not_show_where_it_is_logged() -> None:
    assert ADDRESS not in repr(OURS)
