"""Send one letter, and read what a sink has heard of it."""

from __future__ import annotations

from typing import Any

from tests.sessions.letters import ADA, SENDER
from tests.sink import Sink


def mails_of(sink: Sink) -> list[str]:
    return [line for line in sink.commands if line.startswith("MAIL")]


def rcpts_of(sink: Sink) -> list[str]:
    return [line for line in sink.commands if line.startswith("RCPT")]


def verbs_of(sink: Sink) -> list[str]:
    return [line.split(" ")[0] for line in sink.commands]


async def send(session: Any, mail: Any, **more: Any) -> Any:
    return await session.send(mail, **{"sender": SENDER, "recipients": [ADA]} | more)
