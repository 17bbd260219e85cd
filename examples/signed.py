"""Send a message with a DKIM signature, for a server that does not sign by itself.

    MAIL_URL=smtps://ada:secret@mail.example.org \
        python examples/signed.py spring.pem spring ada@example.org bob@example.org "Hello"

The key is made once, with ``openssl genrsa -out spring.pem 2048``. Without further arguments the
program says what to publish for it: ``python examples/signed.py spring.pem spring example.org``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from courriel import Address, CourrielError, Email, SMTPSession
from courriel.crypto.dkim import DkimSigner


def publish(key: str, selector: str, domain: str) -> None:
    """Print the line of a zone file, in strings of at most 255 octets."""
    signer = DkimSigner(domain, selector, Path(key).read_bytes())
    text = signer.record
    strings = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
    print(f"{signer.place}. IN TXT {strings}")


def send(key: str, selector: str, sender: str, recipient: str, subject: str) -> None:
    domain = Address.of(sender).wire.rpartition("@")[2]
    signer = DkimSigner(domain, selector, Path(key).read_bytes())
    email = Email(sender=sender, to=recipient, subject=subject, text="This one is signed.\n")
    with SMTPSession.from_url(os.environ["MAIL_URL"]) as session:
        receipt = session.send(signer.sign(email))
    print(f"{signer.domain} answers for {receipt.message_id}")


def main(*arguments: str) -> int:
    try:
        (publish if len(arguments) == 3 else send)(*arguments)
    except CourrielError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
