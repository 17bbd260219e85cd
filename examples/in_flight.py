"""Put several operations in flight together, and ask each for its own result.

Needs nothing: the server is the embedded one. ``python examples/in_flight.py``
"""

from __future__ import annotations

from courriel import CourrielError, Email, SMTPSession
from courriel.sandbox import Server


def main() -> None:
    with Server(users={"ada": "secret", "bob": "secret"}) as server:
        session = SMTPSession(
            server.host,
            port=server.smtp_tls_port,
            user="ada",
            password="secret",
            tls=server.ssl_context,
        )
        with session:
            with session.pipeline() as pipeline:
                sent = [
                    pipeline.send(Email(sender="ada@example.org", to=to, subject="In flight"))
                    for to in ("bob@example.org", "nobody@example.org", "ada@example.org")
                ]
                alive = pipeline.noop()
            for pending in sent:
                try:
                    print("accepted:", *pending.result().accepted)
                except CourrielError as error:
                    print("refused:", error)
            print("alive:", alive.result().code)
        for user in server.users:
            print(f"{user} has {len(server.mailbox(user))} message")


if __name__ == "__main__":
    main()
