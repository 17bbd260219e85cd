"""A bound on how much work a piece of code takes, for tests that must not become quadratic.

Nothing is measured here: what is linear takes well below a second, what is quadratic takes minutes
or hours on the same input. The processor's time counts, not the clock's, so that a busy machine
changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 30


@contextmanager
def linear() -> Iterator[None]:
    """Expect that the work inside is not out of all proportion."""
    begin = time.process_time()
    yield
    spent = time.process_time() - begin
    assert spent < SECONDS, f"{spent:.0f} s of work"
