"""Delivery reports and disposition notifications become data, however odd they are."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel import DeliveryReport, DispositionReport, Email, RecipientReport
from tests.toil import linear


def report(
    fields: str,
    *,
    kind: str = "message/delivery-status",
    around: str = 'multipart/report; report-type=delivery-status; boundary="b"',
    original: str = "Content-Type: text/rfc822-headers\n\nSubject: Lunch\nMessage-ID: <1@x>\n",
    encoding: str = "",
) -> Email:
    """Write a report as servers do."""
    more = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    parts = ["\n\nIt did not work.\n", f"\nContent-Type: {kind}\n{more}\n{fields}"]
    if original:
        parts.append(f"\n{original}")
    body = "\n--b".join(["", *parts, "--\n"])
    source = f"From: MAILER-DAEMON@mx.example.org\nContent-Type: {around}\n{body}"
    return Email.from_source(source.replace("\n", "\r\n").encode())


POSTFIX = """\
Reporting-MTA: dns; mx.example.org
Original-Envelope-Id: QQ314159
X-Postfix-Queue-ID: 4F2
Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; bob@example.net
Original-Recipient: rfc822;robert@example.net
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.net
Diagnostic-Code: smtp; 550 5.1.1 <bob@example.net>: no such
    person here
Last-Attempt-Date: Sat, 21 Nov 2026 10:01:00 +0000

Final-Recipient: rfc822; eve@example.net
Action: delayed
Status: 4.4.1 (connection timed out)
Will-Retry-Until: Mon, 23 Nov 2026 10:00:00 +0000
"""


def test_a_delivery_report_says_what_became_of_whom() -> None:
    found = report(POSTFIX).report
    assert isinstance(found, DeliveryReport)
    assert "mx.example.org" == found.reporting_mta
    assert "QQ314159" == found.envelope_id
    assert datetime(2026, 11, 21, 10, tzinfo=UTC) == found.arrival
    assert "It did not work." == (found.text or "").strip()
    bob = RecipientReport(
        final="bob@example.net",
        original="robert@example.net",
        action="failed",
        status="5.1.1",
        diagnostic="550 5.1.1 <bob@example.net>: no such    person here",
        remote_mta="mx.example.net",
        last_attempt=datetime(2026, 11, 21, 10, 1, tzinfo=UTC),
    )
    eve = RecipientReport(
        final="eve@example.net",
        action="delayed",
        status="4.4.1",
        will_retry_until=datetime(2026, 11, 23, 10, tzinfo=UTC),
    )
    assert (bob, eve) == found.recipients
    assert (bob,) == found.failed


BASE64 = "U3ViamVjdDogTHVuY2gKTWVzc2FnZS1JRDogPDFAeD4KCmJvZHkK"


@pytest.mark.parametrize(
    "original",
    [
        "Content-Type: text/rfc822-headers\n\nSubject: Lunch\nMessage-ID: <1@x>\n",
        "Content-Type: message/rfc822\n\nSubject: Lunch\nMessage-ID: <1@x>\n\nbody\n",
        "Content-Type: message/global-headers\n\nSubject: Lunch\nMessage-ID: <1@x>\n",
        f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{BASE64}\n",
    ],
)
def test_the_original_comes_with_it(original: str) -> None:
    found = report(POSTFIX, original=original).report
    assert found is not None
    assert found.original is not None
    assert ("Lunch", "<1@x>") == (found.original.subject, found.original.message_id)


def test_a_report_without_the_original() -> None:
    found = report(POSTFIX, original="").report
    assert found is not None
    assert found.original is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("rfc822;bob@example.net", "bob@example.net"),
        ("RFC822; <bob@example.net>", "bob@example.net"),
        ("bob@example.net", "bob@example.net"),
        ("utf-8; j\\x{FC}rgen@example.net", "jürgen@example.net"),
        ("utf-8; jürgen@example.net", "jürgen@example.net"),
        ("utf-8; a\\x{0A}b\\x{D800}\\x{FFFFFF}", "a\\x{0A}b\\x{D800}\\x{FFFFFF}"),
        ("x400; /C=US/", "/C=US/"),
        ("rfc822;", None),
    ],
)
def test_addresses_lose_their_kind(written: str, read: str | None) -> None:
    found = report(
        f"Reporting-MTA: dns; a\n\nFinal-Recipient: {written}\nAction: Failed (really)\n",
        kind="message/global-delivery-status",
    ).report
    assert isinstance(found, DeliveryReport)
    assert read == found.recipients[0].final
    assert "failed" == found.recipients[0].action


@pytest.mark.parametrize(
    "odd",
    [
        report(POSTFIX, around='multipart/mixed; boundary="b"'),
        report(POSTFIX, around='Multipart/Report; boundary="b"'),
        report("\n\n" + POSTFIX.replace("\n\n", "\n \n\n")),
        report(POSTFIX.replace("\nFinal", "Final", 1).replace("Original-R", "odd\nOriginal-R")),
        report(
            "UmVwb3J0aW5nLU1UQTogZG5zOyBteAoKRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGJvYkBleGFtcGxl"
            "Lm5ldApBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMS4xCg==",
            encoding="base64",
        ),
    ],
    ids=["mixed", "case", "blanks", "glued", "base64"],
)
def test_odd_reports_are_understood(odd: Email) -> None:
    found = odd.report
    assert isinstance(found, DeliveryReport)
    assert "bob@example.net" == found.recipients[0].final
    assert found.recipients[0].failed


@pytest.mark.parametrize(
    "mail",
    [
        Email.from_source(b""),
        Email.from_source(b"Subject: Undelivered Mail\n\nSorry, bob does not exist."),
        Email(text="Hi"),
        report("", kind="message/delivery-status"),
        report("", kind="message/disposition-notification"),
        report(POSTFIX, kind="text/plain"),
    ],
)
def test_what_reports_nothing_is_none(mail: Email) -> None:
    assert mail.report is None


def test_a_forwarded_report_is_not_a_report() -> None:
    bounce = report(POSTFIX)
    assert bounce.report is not None
    assert Email(text="See", attachments=[bounce]).report is None


def test_a_disposition_notification_says_what_was_done() -> None:
    found = report(
        "Reporting-UA: desk.example.net; Reader 1.0\n"
        "Original-Recipient: rfc822; robert@example.net\n"
        "Final-Recipient: rfc822; bob@example.net\n"
        "Original-Message-ID: <1@x>\n"
        "Disposition: manual-action/MDN-sent-manually; displayed/error, x\n"
        "Error: something\n",
        kind="message/disposition-notification",
        around='multipart/report; report-type=disposition-notification; boundary="b"',
    ).report
    assert isinstance(found, DispositionReport)
    assert found.displayed
    assert not found.automatic
    assert ("displayed", ("error", "x")) == (found.disposition, found.modifiers)
    assert ("bob@example.net", "robert@example.net") == (found.final, found.original_recipient)
    assert "<1@x>" == found.message_id
    assert "desk.example.net; Reader 1.0" == found.reporting_agent
    assert ("something",) == found.errors


@pytest.mark.parametrize(
    ("written", "disposition", "automatic"),
    [
        ("automatic-action/MDN-sent-automatically; deleted", "deleted", True),
        ("automatic-action / MDN-sent-automatically ;Displayed", "displayed", True),
        ("displayed", "displayed", False),
        (";", None, False),
    ],
)
def test_dispositions(written: str, disposition: str | None, automatic: bool) -> None:
    found = report(
        f"Disposition: {written}\n", kind="message/global-disposition-notification"
    ).report
    assert isinstance(found, DispositionReport)
    assert (disposition, automatic) == (found.disposition, found.automatic)


def test_reports_are_values() -> None:
    found = report(POSTFIX, original="").report
    assert found == report(POSTFIX, original="").report
    assert found == pickle.loads(pickle.dumps(found))


@pytest.mark.parametrize(
    "piece", ["\n", " \n", "a\n\n", "a: b\n\n", "Status: 5.\n", "Action:\n\n", "\\x{", ";", " "]
)
def test_bombs_take_linear_time(piece: str) -> None:
    with linear():
        found = report("Final-Recipient: x\n" + piece * (500_000 // len(piece)))
        assert found.report is not None


@given(st.text(alphabet="Action: failed;\n5.\\x{0}<>é", max_size=200))
def test_law_no_report_raises(fields: str) -> None:
    for kind in ("delivery-status", "disposition-notification"):
        found = report(fields, kind=f"message/{kind}").report
        assert found is None or isinstance(found, (DeliveryReport, DispositionReport))
