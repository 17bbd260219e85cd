"""The command ``courriel demo``: the main job on the embedded server, told step by step.

Only the options and the telling live here; how reading is told is in ``telling``. What is done,
and what is checked, is ``demonstration``'s and ``postbox``'s; they and the server are imported when
they are wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from courriel.cli.screen import (
    error_as_json,
    error_panel,
    plain_table,
    print_json,
    receipt_table,
    screen_for,
)
from courriel.cli.status import Status, status_of
from courriel.cli.telling import say, step, tell_reading
from courriel.errors import CourrielError
from courriel.model.receipt import Receipt

if TYPE_CHECKING:
    from courriel.cli.demonstration import Demonstration, Parcel
    from courriel.sandbox import Server
    from courriel.sessions.smtp import SMTPSession

__all__ = ["demo"]

# Receipts of the first messages that are shown; the last one's always is.
_SHOWN = 2


def demo(
    messages: Annotated[
        int, typer.Option(min=1, max=50_000, help="How many messages to send.")
    ] = 1_000,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a summary as JSON instead.")
    ] = False,
) -> None:
    """Send and read mail through sessions of the embedded server, and check everything.

    Exit status: 0 when all is as it should be, 1 when a check failed.
    """
    from courriel.cli.demonstration import Demonstration

    screen = screen_for(quiet=as_json)
    job = Demonstration(messages)
    try:
        with job.server() as server:
            summary = _tell(job, server, screen)
    except CourrielError as error:
        # Every error that belongs to the demonstration is caught where it is shown.
        screen_for(errors=True).print(error_panel(error))
        raise typer.Exit(max(status_of(error), Status.PARTLY)) from None
    if as_json:
        print_json(summary)
    else:
        _show_end(job, screen)
    raise typer.Exit(Status.DONE if job.passed else Status.PARTLY)


def _tell(job: Demonstration, server: Server, screen: Console) -> dict[str, Any]:
    from courriel.cli.postbox import Postbox

    screen.rule("courriel: the main job", align="left")
    step(screen, 1, "Start the embedded mail server")
    say(screen, f"{server!r}\nIts certificate is from an authority of its own.")
    session = job.session(server)
    step(screen, 2, "Open an SMTP session for the user ada, with a password")
    session.open()
    say(screen, f"{session!r}\nThe server greets: {session.greeting}")
    step(screen, 3, f"Send bob {job.messages:,} messages with an attachment each")
    _send(job, session, screen)
    step(screen, 4, "A recipient who does not exist, beside one who does: the receipt says so")
    screen.print(receipt_table(job.send_to_both(session)))
    step(screen, 5, "Nobody else to send to: an error, and the session stays usable")
    refused = job.send_to_nobody(session)
    _show_error(screen, refused)
    step(screen, 6, "A wrong password")
    unauthorised = job.sign_in_wrongly(server)
    _show_error(screen, unauthorised)
    step(screen, 7, "Read back from the server what arrived")
    last = job.read_back(server)
    _show_arrivals(server, last, screen)
    read = tell_reading(Postbox(job, server, session), screen)
    return {
        "ok": job.passed,
        "messages": job.messages,
        "accepted": job.accepted,
        "arrived": len(server.mailbox("bob")),
        "octets": sum(len(message.content) for message in server.mailbox("bob")),
        "seconds": round(job.seconds, 4),
        "messages_per_second": round(job.rate, 1),
        "last_subject": last.subject,
        "attachment": {"name": last.name, "size": last.size, "sha256": last.digest},
        "refused_recipient": refused and error_as_json(refused),
        "wrong_password": unauthorised and error_as_json(unauthorised),
        **read,
        "checks": [
            {"what": c.what, "expected": c.expected, "actual": c.actual, "passed": c.passed}
            for c in job.checks
        ],
    }


def _send(job: Demonstration, session: SMTPSession, screen: Console) -> None:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    shown: list[Receipt] = []
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("messages"), TimeElapsedColumn())
    with Progress(*columns, console=screen, disable=screen.quiet) as progress:
        task = progress.add_task("Sending", total=job.messages)
        for receipt in job.send(session):
            progress.advance(task)
            if len(shown) <= _SHOWN:
                shown.append(receipt)
            else:
                shown[_SHOWN] = receipt
    screen.print(receipt_table(*shown))
    if job.messages > len(shown):
        say(screen, f"The first {_SHOWN} receipts and the last; {job.accepted:,} were accepted.")


def _show_error(screen: Console, error: CourrielError | None) -> None:
    screen.print("No error came." if error is None else error_panel(error))


def _show_arrivals(server: Server, last: Parcel, screen: Console) -> None:
    octets = sum(len(message.content) for message in server.mailbox("bob"))
    say(screen, f"{len(server.mailbox('bob')):,} messages for bob, {octets:,} octets.")
    say(screen, f"The last one's subject: {last.subject}")
    say(screen, f"Its attachment: {last.name}, {last.size:,} octets, SHA-256 {last.digest[:16]}…")


def _show_end(job: Demonstration, screen: Console) -> None:
    step(screen, 14, "Was everything as it should be?")
    table = plain_table()
    for column in ("", "Check", "Expected", "Found"):
        table.add_column(column, overflow="fold")
    for check in job.checks:
        mark = Text("✓", style="green") if check.passed else Text("✗", style="bold red")
        table.add_row(mark, check.what, Text(_shown(check.expected)), Text(_shown(check.actual)))
    screen.print(table)
    screen.print()
    figure = f"{job.accepted:,} messages in {job.seconds:.2f} s: {job.rate:,.0f} messages/s"
    screen.print(Text(figure, style="bold green" if job.passed else "bold red"))
    screen.print(
        Text("All checks passed." if job.passed else "Something is not as it should be; see ✗.")
    )


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:16]}…"
