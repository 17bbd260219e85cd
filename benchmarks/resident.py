"""Read how much memory this process holds, from the kernel's books (Linux)."""

from __future__ import annotations

import gc
import re
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def resident() -> int:
    """Return the octets of memory that the process holds now, after a collection."""
    gc.collect()
    return _field("VmRSS")


class Growth:
    """The most that the process held since this was made, over what it held then."""

    def __init__(self) -> None:
        self.before = resident()
        # Writing 5 makes the peak start anew from what is held now: proc(5).
        CLEAR.write_text("5", encoding="ascii")

    def octets(self) -> int:
        """Return the growth of the peak up to now."""
        return _field("VmHWM") - self.before


def _field(name: str) -> int:
    text = STATUS.read_text(encoding="ascii", errors="replace")
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    if found is None:
        raise OSError(f"{STATUS} does not tell {name}")
    return int(found[1]) * 1024
