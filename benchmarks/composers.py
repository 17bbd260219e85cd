"""List who is measured at composing a mail of text, HTML and a file.

Every composer takes a letter and gives the octets that are sent, Date and Message-ID of its own
among them. Only that lives here.
"""

from __future__ import annotations

import email.policy
from collections.abc import Callable
from email.header import Header
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate, localtime, make_msgid

from benchmarks.letters import Letter
from courriel import Attachment, Email

MODERN = "EmailMessage, policy.SMTP"
COMPAT = "MIMEMultipart, compat32"
COURRIEL = "Email"

DOMAIN = "bench.invalid"
"""Given to ``make_msgid``, which looks for the name of this machine else."""


def modern(letter: Letter) -> bytes:
    """Compose with the standard library's modern class."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = formataddr(letter.sender)
    message["To"] = ", ".join(formataddr(person) for person in letter.to)
    message["Subject"] = letter.subject
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=DOMAIN)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message.add_attachment(
        letter.file, maintype="application", subtype="pdf", filename=letter.file_name
    )
    return message.as_bytes()


def compat(letter: Letter) -> bytes:
    """Compose with the standard library's old classes."""
    message = MIMEMultipart("mixed", policy=email.policy.compat32.clone(linesep="\r\n"))
    message["From"] = formataddr(letter.sender)
    message["To"] = ", ".join(formataddr(person) for person in letter.to)
    plain = letter.subject.isascii()
    message["Subject"] = letter.subject if plain else Header(letter.subject, "utf-8").encode()
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=DOMAIN)
    texts = MIMEMultipart("alternative")
    texts.attach(MIMEText(letter.text, "plain", "utf-8"))
    texts.attach(MIMEText(letter.html, "html", "utf-8"))
    message.attach(texts)
    file = MIMEApplication(letter.file, "pdf")
    plain = letter.file_name.isascii()
    name = letter.file_name if plain else ("utf-8", "", letter.file_name)
    file.add_header("Content-Disposition", "attachment", filename=name)
    message.attach(file)
    return message.as_bytes()


def courriel(letter: Letter) -> bytes:
    """Compose with ours."""
    mail = Email(
        sender=letter.sender,
        to=list(letter.to),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        attachments=[Attachment(letter.file_name, letter.file)],
    )
    return mail.source


COMPOSERS: dict[str, Callable[[Letter], bytes]] = {
    MODERN: modern,
    COMPAT: compat,
    COURRIEL: courriel,
}
