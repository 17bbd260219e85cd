"""Send one huge message with courriel, and say how long it took and how much memory.

``python -m benchmarks.clients.big HOST PORT blocking|async FILE`` prints
``{"seconds": …, "octets": …}``.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import IO

from benchmarks.message import RECIPIENT, SENDER
from benchmarks.resident import Growth
from courriel import AsyncSMTPSession, Receipt, Security, SMTPSession


def blocking(host: str, port: int, file: IO[bytes]) -> str:
    with SMTPSession(host, port=port, security=Security.PLAINTEXT) as session:
        growth, started = Growth(), time.perf_counter()
        receipt = session.send_source(file, sender=SENDER, recipients=[RECIPIENT])
        return figures(receipt, time.perf_counter() - started, growth)


async def asynchronous(host: str, port: int, file: IO[bytes]) -> str:
    async with AsyncSMTPSession(host, port=port, security=Security.PLAINTEXT) as session:
        growth, started = Growth(), time.perf_counter()
        receipt = await session.send_source(file, sender=SENDER, recipients=[RECIPIENT])
        return figures(receipt, time.perf_counter() - started, growth)


def figures(receipt: Receipt, seconds: float, growth: Growth) -> str:
    if receipt.accepted != (RECIPIENT,):
        raise SystemExit("the message was not accepted")
    return json.dumps({"seconds": seconds, "octets": growth.octets()})


def main() -> None:
    host, port, way, name = sys.argv[1:]
    with open(name, "rb") as file:
        if way == "async":
            print(asyncio.run(asynchronous(host, int(port), file)))
        else:
            print(blocking(host, int(port), file))


if __name__ == "__main__":
    main()
