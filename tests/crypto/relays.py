"""What relays and stores do to a message on its way, and a text that has all they look for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

Relay: TypeAlias = "Callable[[bytes], bytes]"
FRAIL = "From me to you, \nand from here. \n\n-- \nAda\t\n.\nFrom there\n"


def strips_blanks(source: bytes) -> bytes:
    return re.sub(rb"[ \t]+(?=\r\n)", b"", source)


def quotes_from(source: bytes) -> bytes:
    return re.sub(rb"(?m)^From ", b">From ", source)


def keeps_lf(source: bytes) -> bytes:
    return source.replace(b"\r\n", b"\n")


def puts_more_fields(source: bytes) -> bytes:
    return b"Received: from a by b\r\nX-Spam: no\r\n" + source


def ends_in_blank_lines(source: bytes) -> bytes:
    return source + b"\r\n\r\n"


RELAYS: list[Relay] = [strips_blanks, quotes_from, keeps_lf, puts_more_fields, ends_in_blank_lines]
