"""Put the conformance suite of reading backends together.

Only that lives here; the checks are in ``listing``, ``fetching`` and ``removing``.
"""

from __future__ import annotations

from courriel.testing.fetching import Fetching
from courriel.testing.listing import Listing
from courriel.testing.removing import Removing

__all__ = ["ReadingSuite"]


class ReadingSuite(Listing, Fetching, Removing):
    """What holds for every session that reads mail: the same words mean the same.

    Subclass it, override ``account``, set ``lacks``; each method whose name
    begins with ``test_`` is a test that raises AssertionError when the backend
    does something else. Blocking and asyncio sessions are both taken.
    """
