"""Mails of every shape that we compose, and the tree that each shall have.

Other programs read them, and shall find what was put in. Whoever adds a way to compose adds a
shape. Names and addresses here are those that all readers agree on; odder ones are for the laws.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from courriel.model.attachment import Attachment
from courriel.model.email import Email
from courriel.model.priority import Priority

BERLIN = timezone(timedelta(hours=1))
PDF = b"%PDF-1.4\n\xe2\xe3\xcf\xd3\r\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
HTML = '<html><body><p>Grüße <b>fett</b><img src="cid:logo@example.org"></body></html>\n'
INNER = Email(
    sender="Inner <inner@example.org>",
    to="bob@example.net",
    subject="Inneres",
    text="Innen.\n",
    date=datetime(2025, 1, 1, tzinfo=UTC),
    message_id="<inner@example.org>",
)
INNER_NAME = "Inneres.eml"
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
    "UID:1@example.org\r\nDTSTAMP:20251106T101112Z\r\nDTSTART:20251107T100000Z\r\n"
    "SUMMARY:Größe\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


FILES_INSIDE = Email(
    sender="Inner <inner@example.org>",
    subject="Mit Datei",
    html=HTML,
    attachments=[Attachment("a.pdf", PDF), INNER],
    date=datetime(2025, 1, 1, tzinfo=UTC),
    message_id="<files-inside@example.org>",
)
IN_UTF8 = Email(
    sender="Jürgen <jürgen@example.org>",
    subject="Größe",
    text="Innen.\n",
    date=datetime(2025, 1, 1, tzinfo=UTC),
    message_id="<in-utf8@example.org>",
)
STATUS = (
    b"Reporting-MTA: dns; mail.example.org\r\n\r\n"
    b"Final-Recipient: rfc822; eve@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A composed mail, and its types as a tree: ``multipart/mixed(text/plain a/b)``.

    ``python``: whether the standard library reads it; it takes what is in a
    message/global for another message even where it is encoded (RFC 6532, 3.7).
    """

    email: Email
    tree: str
    python: bool = True


def mail(name: str, **fields: object) -> Email:
    """Compose a mail with the usual header."""
    usual: dict[str, object] = {
        "sender": "Ada Lovelace <ada@example.org>",
        "to": "Bob <bob@example.net>",
        "subject": name,
        "date": datetime(2025, 11, 6, 10, 11, 12, tzinfo=BERLIN),
        "message_id": f"<{name}@example.org>",
    }
    return Email(**usual | fields)  # type: ignore[arg-type]  # The fields of each are written below.


def logo(name: str = "logo.png") -> Attachment:
    """An image that the HTML shows."""
    return Attachment(name, PNG, "image/png", "logo@example.org")


ALTERNATIVE = "multipart/alternative(text/plain text/html)"
RELATED = "multipart/related(text/html image/png)"

SHAPES = {
    "plain": Shape(mail("plain", text="Hello Bob,\n\nhello.\n"), "text/plain"),
    "nothing": Shape(mail("nothing"), "text/plain"),
    "umlauts": Shape(
        mail(
            "umlauts",
            sender=("Zoë Müller", "zoe@example.org"),
            to=[("Łukasz", "lukasz@example.net"), ("Müller, Jörg", "j@example.net")],
            cc="carol@example.com",
            subject="Grüße aus Köln – 50 € für alle",
            text="Grüße, Größe, Maß.\n" * 20,
        ),
        "text/plain",
    ),
    "chinese": Shape(
        mail("chinese", subject="你好，世界" * 20, text="你好，世界。\n" * 40), "text/plain"
    ),
    "long-lines": Shape(mail("long-lines", text="x" * 5_000 + "\nEnd =\n. \n"), "text/plain"),
    "html": Shape(mail("html", html=HTML), "text/html"),
    "both": Shape(mail("both", text="Grüße\n", html=HTML), ALTERNATIVE),
    "images": Shape(mail("images", html=HTML, attachments=[logo()]), RELATED),
    "files": Shape(
        mail(
            "files",
            text="Two files.\n",
            attachments=[
                Attachment("report.pdf", PDF, "application/pdf"),
                Attachment("notes.txt", "Größe\n".encode(), "text/plain"),
            ],
        ),
        "multipart/mixed(text/plain application/pdf text/plain)",
    ),
    "odd-names": Shape(
        mail(
            "odd-names",
            text="Odd names.\n",
            attachments=[
                Attachment("Übersicht für alle.pdf", PDF, "application/pdf"),
                Attachment('a;b="c", d.pdf', PDF, "application/pdf"),
                Attachment("资料" * 40 + ".pdf", PDF, "application/pdf"),
                Attachment("empty.bin", b"", "application/octet-stream"),
            ],
        ),
        "multipart/mixed(text/plain application/pdf application/pdf application/pdf"
        " application/octet-stream)",
    ),
    "everything": Shape(
        mail(
            "everything",
            text="Grüße\n",
            html=HTML,
            attachments=[logo("Logo ü.png"), Attachment("report.pdf", PDF, "application/pdf")],
            cc=["carol@example.com", "Dave <dave@example.com>"],
            reply_to="Answers <answers@example.org>",
            priority=Priority.HIGHEST,
            request_read_receipt=True,
        ),
        f"multipart/mixed(multipart/alternative(text/plain {RELATED}) application/pdf)",
    ),
    "a-mail-inside": Shape(
        mail("a-mail-inside", text="See below.\n", attachments=[INNER]),
        "multipart/mixed(text/plain message/rfc822(text/plain))",
    ),
    "invitation": Shape(
        mail("invitation", text="Meeting at ten.\n", html="<p>Meeting", calendar=CALENDAR),
        "multipart/mixed(multipart/alternative(text/plain text/html text/calendar)"
        " application/ics)",
    ),
    "newsletter": Shape(
        mail(
            "newsletter",
            html=HTML,
            text="Grüße\n",
            unsubscribe=["https://example.org/leave?who=bob", "mailto:leave@example.org"],
            headers={"List-Id": "News <news.example.org>", "X-Groesse": "ü" * 90},
        ),
        ALTERNATIVE,
    ),
    "a-thread": Shape(
        mail(
            "a-thread",
            subject="Re: thread",
            text="Yes.\n\n> No?\n",
            in_reply_to="<40@example.net>",
            references=[f"<{number}@example.net>" for number in range(41)],
        ),
        "text/plain",
    ),
    "many-recipients": Shape(
        mail(
            "many-recipients",
            to=[(f"Person {number}", f"person{number}@example.net") for number in range(200)],
            text="Hello all.\n",
        ),
        "text/plain",
    ),
    "domains": Shape(
        mail(
            "domains",
            sender="Zoë <zoe@bücher.example>",
            to=["bob@例え.example", ("Straße", "post@straße.example")],
            text="Hello.\n",
        ),
        "text/plain",
    ),
    "smtputf8": Shape(
        mail(
            "smtputf8",
            sender=("Zoë", "zoë@bücher.example"),
            to=["bob@example.net", ("Müller, Jörg", "jörg@example.net")],
            subject="Grüße – 你好",
            text="Grüße\n",
            attachments=[Attachment("Größe.pdf", PDF, "application/pdf")],
        ),
        "multipart/mixed(text/plain application/pdf)",
    ),
    "long-headers": Shape(
        mail(
            "long-headers",
            sender=("Ä" * 200, "ada@example.org"),
            subject="x" * 900 + " word" * 100 + " ü",
            text="Hello.\n",
            headers={"X-Long": "y" * 900, "X-Words": "word " * 300 + "end", "X-Odd": "a  b"},
        ),
        "text/plain",
    ),
    "files-inside": Shape(
        mail("files-inside", text="See below.\n", attachments=[FILES_INSIDE]),
        "multipart/mixed(text/plain message/rfc822(multipart/mixed(text/html application/pdf"
        " message/rfc822(text/plain))))",
    ),
    "a-mail-in-utf8": Shape(
        mail("a-mail-in-utf8", text="See below.\n", attachments=[IN_UTF8]),
        "multipart/mixed(text/plain message/global)",
        python=False,
    ),
    "a-report-inside": Shape(
        mail(
            "a-report-inside",
            text="It came back.\n",
            attachments=[Attachment("status.txt", STATUS, "message/delivery-status"), INNER],
        ),
        "multipart/mixed(text/plain message/delivery-status message/rfc822(text/plain))",
    ),
}
