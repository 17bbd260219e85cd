"""Send files that hold ready messages, byte for byte, without holding them in memory.

MAIL_URL=smtps://ada:secret@mail.example.org python examples/ready_messages.py \
    ada@example.org bob@example.org *.eml
"""

from __future__ import annotations

import os
import sys

from courriel import SendOptions, SMTPSession


def main(sender: str, recipient: str, *files: str) -> None:
    with SMTPSession.from_url(os.environ["MAIL_URL"]) as session:
        # A notification of failure is asked for where the server can promise one.
        able = "DSN" in session.capabilities
        options = SendOptions(notify=("failure",) if able else ())
        for name in files:
            with open(name, "rb") as file:
                session.send_source(file, sender=sender, recipients=[recipient], options=options)
            print(f"{name}: sent")


if __name__ == "__main__":
    main(*sys.argv[1:])
