"""Keep out of a reply what it repeats of a secret that was just sent.

Some servers write into a refusal the line that they refuse, and the line of AUTH holds the
password. What a reply says is logged and shown in errors. So an exchange remembers its lines and
secrets, and the words of a reply that give them away are replaced before anybody sees the reply.

Only that comparison lives here. It is made with what was sent, never with what looks like a secret.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, replace

from courriel.model.receipt import Reply
from courriel.model.secret import Secret

_REPLACED = "…"
_WORD = re.compile(r"\S+")
# So much of a line in base64 is no chance; and servers cut short what they repeat.
_RUN = 8


@dataclass(frozen=True, slots=True)
class Echo:
    """What was said in one exchange, and the secrets that it was made of."""

    secrets: tuple[Secret, ...] = ()
    lines: tuple[Secret, ...] = ()
    """Responses as they crossed the wire, in base64."""

    def after(self, response: bytes | None) -> Echo:
        """Return the echo to expect once this response was sent too."""
        if not response:
            return self
        return replace(self, lines=(*self.lines, Secret(b64encode(response).decode())))

    def removed_from(self, reply: Reply) -> Reply:
        """Return the reply of an SMTP server without what it repeats."""
        remove = self.removed_from_challenge if reply.code == 334 else self.removed
        lines = tuple(remove(line) for line in reply.lines)
        return reply if lines == reply.lines else replace(reply, lines=lines)

    def removed_from_challenge(self, text: str) -> str:
        """Return a challenge, unless it repeats a response as a whole.

        Challenges are not shown, and may have parts in common with a response,
        as SCRAM's have the nonce.
        """
        hidden = (secret.reveal() for secret in (*self.secrets, *self.lines))
        return _REPLACED if any(len(said) >= _RUN and said in text for said in hidden) else text

    def removed(self, text: str) -> str:
        """Return one line of text without what it repeats.

        A word that has part of a response in it is replaced. Of a line that
        holds a secret itself nothing is left: a gap in a well-known sentence
        would tell a password that happens to be a word of it.
        """
        folded = text.casefold()
        if any(secret and secret.reveal().casefold() in folded for secret in self.secrets):
            return _REPLACED
        for line in self.lines:
            text = _without(line.reveal().casefold(), text)
        return text


def _without(line: str, text: str) -> str:
    length = min(len(line), _RUN)
    runs = _runs(line, length)
    return _WORD.sub(
        lambda word: word[0] if runs.isdisjoint(_runs(word[0].casefold(), length)) else _REPLACED,
        text,
    )


def _runs(text: str, length: int) -> frozenset[str]:
    """Return all pieces of that length."""
    return frozenset(text[place : place + length] for place in range(len(text) - length + 1))
