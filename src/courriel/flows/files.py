"""Reading the caller's files, out of which messages are sent without being held as a whole.

Whatever a file does wrong is the caller's mistake, told before or while the message is sent.
"""

from __future__ import annotations

from typing import IO, Any

from courriel.errors import Misused
from courriel.faces import Flow
from courriel.flows.effects import Offload


def read(file: IO[bytes], octets: int) -> Flow[bytes]:
    """Return the next octets of a file, fewer only at its end."""
    try:
        data = yield from Offload(lambda: _read_fully(file, octets))
    except (OSError, ValueError) as error:
        # A file that is closed, or holds text that is none, says so by a ValueError.
        raise _unreadable(error) from error
    if not isinstance(data, bytes):
        raise Misused(
            f"the file gives {type(data).__name__}, not bytes",
            hint="Open it in binary mode ('rb').",
        )
    return data


def rewind(file: IO[bytes], place: int) -> Flow[None]:
    """Go back in a file to where it stood."""
    try:
        yield from Offload(lambda: file.seek(place))
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> Misused:
    return Misused(f"the file cannot be read: {error}", hint="The message was not sent.")


def _read_fully(file: Any, octets: int) -> Any:
    """Read that many octets, or all there are: a raw file may give fewer at a time."""
    data = file.read(octets)
    if not isinstance(data, bytes) or not data or len(data) == octets:
        return data
    parts, missing = [data], octets - len(data)
    while missing > 0 and (more := file.read(missing)):
        parts.append(more)
        missing -= len(more)
    return b"".join(parts)


def position(file: IO[bytes]) -> int | None:
    """Return where the file stands, behind what was read, None where one cannot go back."""
    try:
        return file.tell() if file.seekable() else None
    except (OSError, AttributeError, ValueError):
        return None


def octets_left(file: IO[bytes]) -> int | None:
    """Return how much the file still holds, None where it cannot tell (a pipe)."""
    try:
        here = file.tell()
        end = file.seek(0, 2)
        file.seek(here)
    except (OSError, AttributeError, ValueError):
        return None
    return end - here
