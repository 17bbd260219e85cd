"""Keep the sessions of many users, send for each of them, and close by user name.

python examples/many_users.py ca.pem host port ada:secret bob:secret …
"""

from __future__ import annotations

import ssl
import sys
import threading

from courriel import Email, Misused, Registry, SMTPSession


def send_to_self(registry: Registry, user: str) -> None:
    """Do something for a user who has a session, on a thread of its own."""
    address = f"{user}@example.org"
    registry.find(user, SMTPSession).send(Email(sender=address, to=address, subject="To myself"))


def main(authority: str, host: str, port: str, *credentials: str) -> None:
    registry = Registry()
    tls = ssl.create_default_context(cafile=authority)
    try:
        users = []
        for words in credentials:
            user, _, password = words.partition(":")
            session = SMTPSession(host, port=int(port), user=user, password=password, tls=tls)
            registry.add(session.open())
            users.append(user)

        threads = [threading.Thread(target=send_to_self, args=(registry, user)) for user in users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        registry.close(users[0])
        try:
            registry.find(users[0], SMTPSession)
        except Misused as error:
            print(error)
    finally:
        registry.close_all()
    print(f"{len(users)} users have written to themselves.")


if __name__ == "__main__":
    main(*sys.argv[1:])
