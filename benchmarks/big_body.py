"""Measure sending one message of a gibibyte from a file: memory and throughput."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.figures import Figures, Unmeasured
from benchmarks.message import HEADER, LINE
from benchmarks.processes import answer, module, serving
from benchmarks.report import Goal, Section
from benchmarks.scale import Scale
from benchmarks.senders import LOOPBACK

TITLE = "A big body"
MIB = 1 << 20
WAYS = ("blocking", "async")
SERVERS = {"CHUNKING": (), "DATA": ("--no-chunking",)}


def measure(scale: Scale) -> list[Section]:
    """Send the file each way, to a server with CHUNKING and to one without."""
    rows: list[tuple[str, ...]] = []
    growths: list[float] = []
    with text_file(scale.body) as name:
        for extension, options in SERVERS.items():
            with serving(module("benchmarks.sink_server", *options)) as port:
                for way in WAYS:
                    try:
                        found = answer(module("benchmarks.clients.big", LOOPBACK, port, way, name))
                    except Unmeasured as error:
                        rows.append((way, extension, "", str(error)))
                        continue
                    growths.append(found["octets"] / MIB)
                    rate = scale.body / MIB / found["seconds"]
                    rows.append((way, extension, f"{rate:,.0f}", f"{growths[-1]:.1f}"))
    text = (
        f"`send_source` of one message of {scale.body // MIB:,} MiB, a file of lines of text, to a "
        "server in another process that throws it away; growth of the sending process's peak "
        "resident memory meanwhile."
    )
    # The worst of all ways counts, and a way that failed leaves the goal unmeasured.
    worst = Figures((max(growths),)) if len(growths) == len(rows) else None
    goal = Goal("memory while sending a 1 GiB file", 16, worst, unit="MiB", at_most=True, digits=1)
    columns = ("Session", "Body by", "MiB/s", "Peak growth, MiB")
    return [Section(TITLE, text, columns, rows, goals=[goal])]


@contextmanager
def text_file(size: int) -> Iterator[str]:
    """Make a message of ``size`` octets in a file, one line in two beginning with a dot."""
    block = (LINE + b"." + LINE[1:]) * 4096
    with tempfile.NamedTemporaryFile(suffix=".eml") as file:
        try:
            file.write(HEADER)
            while file.tell() < size:
                file.write(block[: size - file.tell()])
            file.flush()
        except OSError as error:
            raise Unmeasured(f"no room for a file of {size // MIB:,} MiB: {error}") from error
        yield file.name
