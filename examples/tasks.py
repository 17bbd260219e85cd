"""Share one asyncio session between many tasks: their messages go out together.

MAIL_URL=smtps://ada:secret@mail.example.org python examples/tasks.py \
    ada@example.org bob@example.org eve@example.org
"""

from __future__ import annotations

import asyncio
import os
import sys

from courriel import AsyncSMTPSession, Email, SendRefused


async def greet(session: AsyncSMTPSession, sender: str, recipient: str) -> str:
    """Send one greeting; one that is refused is no reason for the others to fail."""
    try:
        receipt = await session.send(
            Email(sender=sender, to=recipient, subject="Greetings", text=f"Hello {recipient}!")
        )
    except SendRefused as error:
        return f"{recipient}: {error.code} {error.text}"
    return f"{recipient}: accepted as {receipt.message_id}"


async def main(sender: str, *recipients: str) -> None:
    async with AsyncSMTPSession.from_url(os.environ["MAIL_URL"]) as session:
        for line in await asyncio.gather(*(greet(session, sender, to) for to in recipients)):
            print(line)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
