"""Send a message through a server with TLS and authentication, as a WLanguage program does.

This is the second program of the vendor's page of EmailStartSMTPSession, line by line; the lines
of the original that are not Python are in the comments. Run it with a server and an account::

    python secured_server.py smtp.example.org ada secret ada@example.org bob@example.org

``--port`` is 587 without it. The server's certificate is verified; one of your
own authority is trusted when ``SSL_CERT_FILE`` names its file.
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
    emailOptionSecuredTLS,
)


def initialize_email(sender: str, recipient: str) -> None:
    # The procedure that the original calls and does not show.
    EmailReset()
    Email.SenderAddress = sender
    Email.Recipient[1] = recipient
    Email.NbRecipient = 1
    Email.Subject = "From the secured server"
    Email.Message = "This message went through a server with TLS.\r\n"


def Error(*texts: str) -> None:
    # WLanguage's Error() shows its texts in a window; without any, the last error.
    print("\n".join(texts or (ErrorInfo(),)), file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    # In the original these are variables and constants of the program.
    made = argparse.ArgumentParser(description="Send a message as a WLanguage program does.")
    for name in ("server", "user", "password", "sender", "recipient"):
        made.add_argument(name)
    made.add_argument("--port", type=int, default=587)
    return made


def main(words: list[str] | None = None) -> int:
    arguments = parser().parse_args(words)
    user_name, port = arguments.user, arguments.port
    done = False

    EmailSetTimeOut(10)  # 10 seconds
    # IF EmailStartSMTPSession(UserName, "Password", ..., 587, False, ...) = True THEN
    if EmailStartSMTPSession(
        user_name, arguments.password, arguments.server, port, False, emailOptionSecuredTLS
    ):
        initialize_email(arguments.sender, arguments.recipient)
        # IF EmailSendMessage(UserName) = False THEN
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
