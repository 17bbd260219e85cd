"""Send one message with attachments, and say what became of it.

    MAIL_URL=smtps://ada:secret@mail.example.org \
        python examples/send.py ada@example.org bob@example.org "The report" report.pdf

Ends with status 0 when everybody was accepted, else with 1.
"""

from __future__ import annotations

import os
import sys

from courriel import CourrielError, Email, SMTPSession


def main(sender: str, recipient: str, subject: str, *files: str) -> int:
    try:
        email = Email(
            sender=sender,
            to=recipient,
            subject=subject,
            text="Please see the attachments.",
            attachments=files,
        )
        with SMTPSession.from_url(os.environ["MAIL_URL"]) as session:
            receipt = session.send(email)
    except CourrielError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Sent {receipt.message_id} to {', '.join(receipt.accepted)}")
    for address, refusal in receipt.refused.items():
        print(f"Not to {address}: {refusal}", file=sys.stderr)
    return 1 if receipt.refused else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
