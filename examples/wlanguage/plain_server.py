"""Send a message through a server without encryption, as a WLanguage program does.

This is the first program of the vendor's page of EmailStartSMTPSession, line by line; the lines
of the original that are not Python are in the comments. Run it with a server and an account::

    python plain_server.py smtp.example.org ada secret ada@example.org bob@example.org

``--port`` is 25 without it. Without encryption the password can be read by
whoever listens: prefer ``secured_server.py``.
"""

from __future__ import annotations

import argparse
import sys

from courriel.wlanguage import (
    Email,
    EmailCloseSession,
    EmailReset,
    EmailSendMessage,
    EmailSetTimeOut,
    EmailStartSMTPSession,
    ErrorInfo,
)


def initialize_email(sender: str, recipient: str) -> None:
    # The procedure that the original calls and does not show.
    EmailReset()
    Email.SenderAddress = sender
    Email.Recipient[1] = recipient
    Email.NbRecipient = 1
    Email.Subject = "From the plain server"
    Email.Message = "This message went through a server without encryption.\r\n"


def Error(*texts: str) -> None:
    # WLanguage's Error() shows its texts in a window; without any, the last error.
    print("\n".join(texts or (ErrorInfo(),)), file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    # In the original these are variables and constants of the program.
    made = argparse.ArgumentParser(description="Send a message as a WLanguage program does.")
    for name in ("server", "user", "password", "sender", "recipient"):
        made.add_argument(name)
    made.add_argument("--port", type=int, default=25)
    return made


def main(words: list[str] | None = None) -> int:
    arguments = parser().parse_args(words)
    user_name, port = arguments.user, arguments.port
    done = False

    EmailSetTimeOut(10)  # 10 seconds
    # IF EmailStartSMTPSession(sUserName, sPassword, sSMTPServer) = True THEN
    if EmailStartSMTPSession(user_name, arguments.password, arguments.server, port):
        initialize_email(arguments.sender, arguments.recipient)
        # IF EmailSendMessage(sUserName) = False THEN
        if not EmailSendMessage(user_name):
            Error()
        else:
            done = True
        # END
        EmailCloseSession(user_name)
    # ELSE
    else:
        Error(
            "The session could not be opened.",
            ErrorInfo(),
            f"After a timeout, see whether the firewall lets port {port} through.",
        )
    # END
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
