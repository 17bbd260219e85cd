"""The reading half of the IMAP machine: from octets to whole responses, and from them to values.

What arrives may be compressed, and must not have come before TLS began. Frames come whole from
``wire.imap.frames``, so what cannot be read costs one answer and never the connection: it is
``Unknown``. What an answer means is not known here.
"""

from __future__ import annotations

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.protocol.imap.compression import Compression
from courriel.protocol.imap.fates import injected, unkept
from courriel.protocol.imap.tickets import ImapTicket
from courriel.protocol.imap.writer import ImapWriter
from courriel.wire.imap import commands
from courriel.wire.imap.answers import Answer, Unknown
from courriel.wire.imap.frames import Frame, FrameReader
from courriel.wire.imap.parse import parse
from courriel.wire.imap.traits import Command
from courriel.wire.sasl.echo import Echo


class ImapReader(ImapWriter):
    """Octets in."""

    __slots__ = ("_compression", "_reader", "_sealed", "echo")

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._reader = FrameReader(limits)
        self._compression: Compression | None = None
        self._sealed = False
        """Whether TLS must come next, and nothing else."""
        self.echo: Echo | None = None
        """What answers must not repeat where they are shown, while somebody signs in."""

    # Answers in.

    def receive_data(self, data: bytes) -> None:
        if self.error is not None:
            return
        try:
            if self._compression is None:
                self._read(data)
            else:
                for piece in self._compression.inflated(data):
                    self._read(piece)
        except Garbled as error:
            if self.echo is not None:
                # What came in place of an answer may be the secret that it should have answered.
                error.excerpt = "…"
            # Its frames hold what the server said.
            self.condemn(error.with_traceback(None))
        except OSError as error:
            self.condemn(unkept(error))
        # Only now: an answer that was already here cannot belong to what is written next.
        self._advance()

    def _read(self, data: bytes) -> None:
        if self._sealed:
            # Half a line too: TLS does not protect it, and would come upon the rest of it.
            self.condemn(injected())
            return
        reader = self._reader
        reader.feed(data)
        while self.error is None and (frame := reader.next_frame()) is not None:
            self.answers += 1
            self._take(frame)
            if self._compression is not None and self._compression.fresh:
                # What follows the OK is compressed already.
                self._compression.fresh = False
                for piece in self._compression.inflated(reader.rest()):
                    self._read(piece)
                return
        self.octets_of_bodies = reader.octets_of_literals

    def _take(self, frame: Frame) -> None:
        """Take one whole response."""
        raise NotImplementedError

    def _parsed(self, frame: Frame) -> Answer:
        try:
            return parse(frame, self.limits, utf8=self.dialect.utf8)
        except Garbled:
            if not frame.text.startswith(b"* "):
                # Not even who is meant can be read.
                raise
            return Unknown(frame.text)

    # TLS.

    def submit(self, command: Command) -> ImapTicket:
        if isinstance(command, commands.StartTls) and self._reader.leftover:
            # It came before it was asked for, and would pass for an answer.
            self.condemn(injected())
        return super().submit(command)

    def _expect_tls(self) -> None:
        """Take note that the server has agreed to TLS: what it says before that is an attack."""
        self._sealed = True
        if self._reader.leftover:
            self.condemn(injected())

    def seal(self) -> None:
        """Check that the conversation is clean before TLS starts.

        Raises InsecureConnection when octets arrived that TLS does not protect.
        """
        if self._reader.leftover or self._flying:
            error = injected()
            self.condemn(error)
            raise error

    def begin_secured(self) -> None:
        self.secured = True
        self._sealed = False
        self._reader = FrameReader(self.limits)

    # Compression.

    def _inflate_from_here(self) -> None:
        """Take note that everything behind this answer is compressed, in both directions."""
        self._compression = Compression()

    def data_to_send(self) -> bytes:
        data = super().data_to_send()
        if self._compression is None or not data or self._compression.fresh:
            return data
        shorter = self._compression.deflated(data)
        # What counts as sent is what the transport takes.
        self.octets_queued += len(shorter) - len(data)
        return shorter

    def handed_over(self, ticket: ImapTicket) -> bool:
        # Compressed octets cannot be told apart: what was written may be there.
        return super().handed_over(ticket) or bool(self._compression and ticket.end)
