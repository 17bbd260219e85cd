"""A pipe: one connection of the blocking driver, the machine at its end, and TLS between.

It moves octets without ever waiting; when to wait, and who does, is the driver's business. What
goes wrong in the network becomes the machine's condemnation, so that every ticket learns of it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from courriel.drive.addresses import lost
from courriel.drive.link import Link
from courriel.errors import Broken
from courriel.protocol.machine import Machine

if TYPE_CHECKING:
    from courriel.drive.tls import Layer

PIECE = 64 * 1024
"""So many octets at most become ciphertext, or are handed to an event loop, at a time."""


def hand_over(tls: Layer, machine: Machine) -> None:
    """Hand a machine what TLS holds for it, up to the first octet that is wrong."""
    try:
        # Once more after the last: what is wrong behind good octets is told then.
        while data := tls.decrypt():
            machine.receive_data(data)
        if tls.ended:
            machine.receive_eof()
    except Broken as error:
        machine.condemn(error)


class Pipe:
    """A link with its machine."""

    __slots__ = ("_heard", "_plain", "_sealed", "link", "machine", "owner", "tls", "unsent")

    def __init__(self, link: Link, machine: Machine) -> None:
        self.link = link
        self.machine = machine
        self.owner = os.getpid()
        """The process that has used it last: a child that was forked only inherits it."""
        self.tls: Layer | None = None
        self.unsent: bytes | memoryview = b""
        """Octets for the link that it has not taken yet."""
        self._heard = False
        self._plain: bytes | memoryview = b""
        self._sealed = 0
        """Octets of the message in ``unsent``, under TLS, that do not count as sent yet."""

    def move(self) -> None:
        """Hand the machine what has arrived."""
        machine = self.machine
        try:
            data = self.pull()
            if data is None:
                return
            if not data:
                machine.receive_eof()
            elif self.tls is None:
                machine.receive_data(data)
            else:
                self.tls.feed(data)
                self.take_decrypted()
        except Broken as error:
            machine.condemn(error)

    def take_decrypted(self) -> None:
        """Hand the machine what TLS holds; the handshake may have brought the first reply."""
        if self.tls is not None:
            hand_over(self.tls, self.machine)

    def flush(self) -> None:
        """Send what the machine has, as far as the link takes it."""
        machine = self.machine
        try:
            while self.unsent or self._load():
                before = len(self.unsent)
                try:
                    left = self.push()
                finally:
                    self._count(before - len(self.unsent))
                if left:
                    return
        except Broken as error:
            # What the server said before it went away explains more than the broken pipe.
            self.move()
            machine.condemn(error)

    def _load(self) -> bool:
        """Have something to push; under TLS a piece at a time, so that progress can be seen."""
        data = self._plain or self.machine.data_to_send()
        if self.tls is None or not data:
            self.unsent = data
            return bool(data)
        piece, self._plain = data[:PIECE], memoryview(data)[PIECE:]
        self._sealed = len(piece)
        self.unsent = self.tls.encrypt(bytes(piece))
        return True

    def _count(self, taken: int) -> None:
        """Tell the machine of octets that the link has taken.

        An octet of ciphertext counts for one of the message until all of them
        have gone: rather one too many than one that the server has read.
        """
        if self.tls is not None:
            taken = min(taken, self._sealed)
            self._sealed -= taken
        self.machine.data_sent(taken)

    def push(self) -> int:
        """Send of ``unsent`` what the link takes; return how much is left. Raises Disconnected."""
        try:
            while self.unsent:
                taken = self.link.send(self.unsent)
                self._heard = self._heard and not taken
                if taken == len(self.unsent):
                    self.unsent = b""
                elif not taken:
                    break
                else:
                    self.unsent = memoryview(self.unsent)[taken:]
        except OSError as error:
            raise lost(error) from error
        return len(self.unsent)

    def pull(self) -> bytes | None:
        """Return what has arrived, ``b""`` at the end, None for nothing. Raises Disconnected."""
        try:
            data = self.link.receive()
        except OSError as error:
            raise lost(error) from error
        self._heard = self._heard or data is not None
        return data

    def acknowledge(self) -> None:
        """See to it that the peer need not wait for an acknowledgement while we wait for him."""
        if self._heard:
            self._heard = False
            self.link.acknowledge()

    def say_last_words(self) -> None:
        """End TLS as it should be (RFC 8446, 6.1), if the link takes it at once."""
        if self.tls is None or self.unsent:
            return
        # Nobody may listen any more.
        with suppress(OSError):
            self.link.send(self.tls.farewell())
