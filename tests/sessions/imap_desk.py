"""A small IMAP server of our own, played in memory: as awkward as it is told to be.

It answers what sessions say, command by command and in order, from folders that it holds. Before
each answer it may say something unasked. It is the responder of a ``ScriptedServer``, and serves a
real connection as well. Messages say in their text which they are.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_LINE = re.compile(rb"([^\r\n]*)\r\n")
_FETCH = re.compile(r"(UID )?FETCH (\S+) \((.*)\)$")

Interruption = Callable[["Desk", str], list[str]]


def letter(folder: str, uid: int) -> bytes:
    """Return the message that a folder holds under a UID."""
    return f"Subject: {folder} {uid}\r\n\r\nIn {folder}: {uid}.\r\n".encode()


class Desk:
    """The server's side of one connection.

    ``said`` are the commands so far, without their tags. ``before`` is asked
    for lines to say ahead of each answer, and may change ``folders``.
    """

    def __init__(self, words: str = "", **folders: list[int]) -> None:
        self.words = f"IMAP4rev1 {words}".strip()
        self.folders = folders
        self.selected: str | None = None
        self.said: list[str] = []
        self.silent_at = ""
        """A verb that is never answered."""
        self.tags_last = False
        """Whether the tags of what comes together are said behind the answers to all of it."""
        self.before: Interruption = lambda desk, verb: []
        self._heard = b""
        self._idle: str | None = None
        self._greeted = False

    def __call__(self, data: bytes) -> bytes:
        """Take what the client says; return the answers."""
        self._heard += data
        out = [] if self._greeted else [f"* OK [CAPABILITY {self.words}] ready"]
        self._greeted = True
        while found := _LINE.match(self._heard):
            self._heard = self._heard[found.end() :]
            out += self._answers(found[1].decode())
        if self.tags_last:
            out.sort(key=lambda line: not line.startswith(("*", "+")))
        return "".join(f"{line}\r\n" for line in out).encode()

    def expunge(self, uid: int) -> list[str]:
        """Remove a message of the selected folder; return how that is said."""
        uids = self.folders[self.selected or ""]
        number = uids.index(uid) + 1
        uids.remove(uid)
        return [f"* {number} EXPUNGE"]

    def _answers(self, line: str) -> list[str]:
        if line == "DONE":
            tag, self._idle = self._idle, None
            return [f"{tag} OK done"]
        tag, _, command = line.partition(" ")
        self.said.append(command)
        verb = command.removeprefix("UID ").split(" ")[0]
        if verb == self.silent_at:
            return []
        unasked = self.before(self, verb)
        if verb == "IDLE":
            self._idle = tag
            return ["+ idling", *unasked]
        answers, end = self._carried_out(verb, command)
        return [*unasked, *answers, f"{tag} {end}"]

    def _carried_out(self, verb: str, command: str) -> tuple[list[str], str]:
        match verb:
            case "SELECT" | "EXAMINE":
                return self._select(command.split(" ")[1])
            case "SEARCH":
                return [f"* SEARCH {' '.join(map(str, self._searched(command)))}".strip()], "OK"
            case "FETCH":
                return list(self._fetched(command)), "OK"
            case "LOGOUT":
                return ["* BYE"], "OK"
            case _:
                return [], "OK"

    def _select(self, name: str) -> tuple[list[str], str]:
        self.selected = name if name in self.folders else None
        if self.selected is None:
            return [], "NO [NONEXISTENT] no such folder"
        return [f"* {len(self.folders[name])} EXISTS", "* OK [UIDVALIDITY 7] ok"], "OK"

    def _searched(self, command: str) -> list[int]:
        uids = self.folders[self.selected or ""]
        found = re.search(r"SEARCH UID (\d+):", command)
        return uids if found is None else [uid for uid in uids if uid >= int(found[1])]

    def _fetched(self, command: str) -> Iterator[str]:
        found = _FETCH.match(command)
        assert found is not None, command
        by_uid, wanted, items = found.groups()
        folder = self.selected or ""
        uids = self.folders[folder]
        for number, uid in enumerate(uids, 1):
            if _holds(wanted, uid if by_uid else number, len(uids)):
                yield f"* {number} FETCH (UID {uid}{self._items(folder, uid, items)})"

    def _items(self, folder: str, uid: int, items: str) -> str:
        source = letter(folder, uid).decode()
        said = " FLAGS ()" if "FLAGS" in items else ""
        if "RFC822.SIZE" in items:
            said += f" RFC822.SIZE {len(source)}"
        if "ENVELOPE" in items:
            said += f' ENVELOPE (NIL "{folder} {uid}" NIL NIL NIL NIL NIL NIL NIL NIL)'
        for section in re.findall(r"BODY\.PEEK\[(.*?)\]", items):
            text = source if not section else source.partition("\r\n\r\n")[0] + "\r\n\r\n"
            said += f" BODY[{section}] {{{len(text)}}}\r\n{text}"
        return said


def _holds(wanted: str, number: int, last: int) -> bool:
    for piece in wanted.split(","):
        low, _, high = piece.partition(":")
        end = max(last, int(low)) if high == "*" else int(high or low)
        if int(low) <= number <= end:
            return True
    return False


@contextmanager
def serving(desk: Desk) -> Iterator[int]:
    """Serve one connection on loopback; give its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(desk(b""))
                while data := connection.recv(65_536):
                    connection.sendall(desk(data))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(20)
