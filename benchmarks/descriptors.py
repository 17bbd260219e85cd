"""Raise the limit on open files as far as the machine allows."""

from __future__ import annotations

import resource


def raise_descriptor_limit() -> int:
    """Raise the soft limit on open files to the hard one and return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
