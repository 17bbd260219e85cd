"""Keep what may be a password out of what is said of a wrong command line.

An account's URL belongs behind ``--account``. Where it is written as an argument that no command
has, the message that says so would repeat it, password and all.
"""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperGroup

__all__ = ["DiscreetGroup"]

_HIDDEN = "a URL"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.*", re.DOTALL)
# Older typers have it from click, newer ones from a copy of their own; neither exports it.
_UsageError: Any = typer.BadParameter.__mro__[1]


class DiscreetGroup(TyperGroup):
    """The commands; what is wrong with their arguments is told without any URL."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the arguments. Raises UsageError, without the URLs that are among them."""
        urls = [found[0] for each in args if (found := _URL.search(each))]
        try:
            context = super().make_context(info_name, args, parent, **extra)
        except _UsageError as error:
            raise _without(urls, error) from None
        context.meta[__name__] = urls
        return context

    def invoke(self, ctx: Any) -> Any:
        """Run the command, whose own arguments are read only now."""
        try:
            return super().invoke(ctx)
        except _UsageError as error:
            raise _without(ctx.meta[__name__], error) from None


def _without(urls: list[str], error: Any) -> Any:
    found = False
    for url in urls:
        for written in (url, repr(url)[1:-1]):
            found = found or written in error.message
            error.message = error.message.replace(written, _HIDDEN)
    if found:
        error.message = f"{error.message.rstrip('.')}. An account's URL goes behind --account."
    return error
