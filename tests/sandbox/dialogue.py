"""Play conversations with the SMTP machine, written as people write them down.

::

    dialogue.play('''
        C: MAIL FROM:<bob@example.org>
        C: RCPT TO:<ada@example.org>
        S: 250 2.1.0 OK
        S: 250 2.1.5 OK
    ''')

``C:`` is what the client sends, several of them in one write; ``S:`` is what it hears, exactly, or
up to an ellipsis, and ``S:`` alone that it hears nothing. Messages that arrive are kept in
``messages`` and answered; what else the machine wants done is noted in ``events``.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent
from typing import Any

from courriel.model.receipt import Reply
from courriel.sandbox.accounts import Accounts
from courriel.sandbox.smtp.events import Event, MessageReceived
from courriel.sandbox.smtp.machine import SmtpMachine
from courriel.sandbox.smtp.policy import CAPABILITIES, SmtpPolicy

USERS = {"ada": "secret", "bob": "hunter2"}
END_POINT = b"the hash of the certificate"


class Dialogue:
    """A client at a machine; ``cut`` is how many octets it writes at a time."""

    def __init__(
        self,
        *,
        secured: bool = False,
        tokens: dict[str, str] | None = None,
        catch_all: str | None = None,
        without: Iterable[str] = (),
        cut: int | None = None,
        **policy: Any,
    ) -> None:
        self.machine = SmtpMachine(
            SmtpPolicy(
                **{
                    "require_auth": False,
                    "capabilities": CAPABILITIES - set(without),
                    **policy,
                }
            ),
            Accounts(USERS, tokens=tokens, catch_all=catch_all),
            secured=secured,
            server_end_point=END_POINT,
            nonce=lambda: "nonce",
        )
        self.cut = cut
        self.verdict: list[Reply] = [Reply(250, ("Kept",), "2.0.0")]
        self.messages: list[MessageReceived] = []
        self.events: list[Event] = []

    @classmethod
    def begun(cls, **options: Any) -> Dialogue:
        """Return one behind greeting and EHLO, or LHLO."""
        dialogue = cls(**options)
        dialogue.hears()
        dialogue.says("LHLO client.example" if options.get("lmtp") else "EHLO client.example")
        dialogue.hears()
        return dialogue

    def says(self, *lines: str) -> None:
        """Send lines, all in one write."""
        self.sends("".join(f"{line}\r\n" for line in lines).encode())

    def sends(self, octets: bytes) -> None:
        """Send octets, cut as this client cuts them."""
        step = self.cut or len(octets) or 1
        for start in range(0, len(octets), step):
            self.machine.receive_data(octets[start : start + step])
            self.works()

    def works(self) -> None:
        """Do what the machine wants done."""
        while (event := self.machine.next_event()) is not None:
            if isinstance(event, MessageReceived):
                self.messages.append(event)
                self.machine.answer(self.verdict)
            else:
                self.events.append(event)

    def hears(self) -> list[str]:
        """Return the lines that the server has sent since the last time."""
        text = self.machine.data_to_send().decode()
        assert text.endswith("\r\n") or not text
        return text.split("\r\n")[:-1]

    def play(self, script: str) -> None:
        """Say the lines of C and check that S answers as written."""
        said: list[str] = []
        expected: list[str] = []
        for line in [*dedent(script).strip().split("\n"), "C: "]:
            who, words = line[:2], line[3:]
            assert who in ("C:", "S:"), line
            if who == "C:" and expected:
                self._exchange(said, expected)
                said, expected = [], []
            (said if who == "C:" else expected).append(words)
        assert said == [""], "A script ends with what S answers, or with its silence."

    def _exchange(self, said: list[str], expected: list[str]) -> None:
        if said:
            self.says(*said)
        # "S:" alone is silence.
        expected = [line for line in expected if line]
        heard = self.hears()
        assert len(expected) == len(heard), (expected, heard)
        for wanted, line in zip(expected, heard, strict=True):
            if wanted.endswith("…"):
                assert line.startswith(wanted[:-1]), (wanted, line)
            else:
                assert wanted == line
