"""Tell how ada reads her mail in ``courriel demo``, step by step.

Only the telling lives here; what she does is ``postbox``'s.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from courriel.cli.summaries import size_of, summary_table

if TYPE_CHECKING:
    from courriel.cli.postbox import Postbox

__all__ = ["say", "step", "tell_reading"]

# Where ``demo`` has come to before the reading.
_FIRST = 8


def tell_reading(postbox: Postbox, screen: Console) -> dict[str, Any]:
    """Have ada do it all, tell it, and return what came of it as values that JSON knows."""
    from courriel.cli.postbox import FOLDER

    step(screen, _FIRST, "Open an IMAP session for ada, and wait in IDLE for a letter to arrive")
    imap = postbox.open_imap()
    say(screen, repr(imap))
    arrived = postbox.wait_for_letter(imap)
    if arrived is None:
        postbox.registry.close("ada")
        return {"told_by_idle": []}
    say(screen, f"The server told at once: {arrived!r}")
    step(screen, _FIRST + 1, "List her INBOX: no body is downloaded, nothing is marked as read")
    summaries = postbox.list(imap)
    screen.print(summary_table(summaries, flags=True))
    step(screen, _FIRST + 2, "Download one attachment, without its mail")
    summary, file = postbox.download(imap, arrived)
    say(screen, f"{file.name}, {size_of(file.size)}, of a mail of {size_of(summary.size)}.")
    step(screen, _FIRST + 3, f"Move the letter into the folder {FOLDER}")
    postbox.move(imap, summary)
    say(screen, f"{imap.count(FOLDER)} message there, {imap.count()} left in INBOX.")
    step(screen, _FIRST + 4, "Open a POP3 session for ada too, and delete what is left")
    pop3 = postbox.open_pop3()
    deleted = postbox.delete(pop3)
    say(screen, f"{pop3!r}\n{deleted} marked; they go when the session is closed.")
    step(screen, _FIRST + 5, 'Close all three sessions with one registry.close("ada")')
    postbox.close()
    say(screen, "\n".join(map(repr, (postbox.smtp, imap, pop3))))
    return {
        "told_by_idle": list(arrived.ids),
        "listed": len(summaries),
        "downloaded": {
            "name": file.name,
            "size": file.size,
            "sha256": hashlib.sha256(file.content).hexdigest(),
            "mail_size": summary.size,
        },
        "moved_to": FOLDER,
        "deleted": deleted,
    }


def step(screen: Console, number: int, what: str) -> None:
    """Begin a step."""
    screen.print()
    screen.print(Text(f"{number}. {what}", style="bold cyan"))


def say(screen: Console, what: str) -> None:
    """Say something beside the step."""
    screen.print(Text(what, style="dim"))
