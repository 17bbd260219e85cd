r"""Write the addresses of a header field as ENVELOPE has them (RFC 3501, 7.4.2).

::

    address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
    a group begins with (NIL NIL "name" NIL) and ends with (NIL NIL NIL NIL)

Names stay as they are written, encoded words included; quotes and comments are taken off. Nothing
raises on any octets, and time is linear.
"""

from __future__ import annotations

import re

from courriel.sandbox.imap.replies import nstring

__all__ = ["addresses"]

_TOKEN = re.compile(
    rb'"(?P<quoted>(?:[^"\\]|\\.){0,1000})"'
    rb"|(?P<space>[ \t\r\n]+)"
    rb"|(?P<literal>\[[^\[\]]*\])"
    rb"|(?P<special>[()<>,:;\"\\\[\]])"
    rb'|(?P<atom>[^ \t\r\n()<>,:;"\\\[\]]+)',
    re.DOTALL,
)
_ADDRESSES = 10_000
_ROUTE = re.compile(rb"\A@[^:]*:")
_GROUP_END = b"(NIL NIL NIL NIL)"


def addresses(value: bytes | None) -> bytes:
    """Return the list of addresses, NIL for none."""
    if value is None:
        return b"NIL"
    found = _Reader().read(value)
    return b"(%b)" % b"".join(found) if found else b"NIL"


class _Reader:
    """Walks the text once; what stands between two commas becomes an address."""

    def __init__(self) -> None:
        self._found: list[bytes] = []
        self._in_group = False
        self._words: list[list[bytes]] = []
        self._address: list[bytes] | None = None
        self._comments: list[bytes] = []
        self._depth = 0
        self._in_angle = self._glued = False

    def read(self, value: bytes) -> list[bytes]:
        """Return the addresses, each as it is written in an ENVELOPE."""
        for token in _TOKEN.finditer(value):
            if len(self._found) >= _ADDRESSES:
                break
            special = token["special"]
            if self._depth or special in (b"(", b")"):
                self._comment(token[0])
            elif special is not None and self._special(special):
                pass
            elif token["space"] is not None:
                self._glued = False
            else:
                self._word(_unescaped(token["quoted"]) if token["quoted"] is not None else token[0])
        self._finish()
        self._end_group()
        return self._found

    def _special(self, mark: bytes) -> bool:
        """Obey a mark; False when it means nothing where it is."""
        if mark == b">":
            self._in_angle = False
        elif self._in_angle:
            return False
        elif mark == b"<":
            self._address, self._in_angle = [], True
        elif mark == b",":
            self._finish()
        elif mark == b";":
            self._finish()
            self._end_group()
        elif mark == b":" and not self._in_group:
            self._found.append(b"(NIL NIL %b NIL)" % nstring(self._name()))
            self._clear()
            self._in_group = True
        else:
            return False
        return True

    def _word(self, word: bytes) -> None:
        if self._address is not None and self._in_angle:
            self._address.append(word)
        elif self._glued:
            # Pieces that touch make one word: "a b"@example.org.
            self._words[-1].append(word)
        else:
            self._words.append([word])
        self._glued = True

    def _comment(self, token: bytes) -> None:
        if token == b"(":
            self._depth += 1
            if self._depth == 1:
                return
        elif token == b")":
            self._depth = max(0, self._depth - 1)
            if self._depth == 0:
                return
        self._comments.append(token)

    def _name(self) -> bytes:
        return b" ".join(b"".join(word) for word in self._words)

    def _finish(self) -> None:
        if self._address is None and not self._words:
            self._clear()
            return
        if self._address is not None:
            name = self._name()
            address = _ROUTE.sub(b"", b"".join(self._address), count=1)
        else:
            name = b"".join(self._comments).strip()
            address = b"".join(b"".join(word) for word in self._words)
        mailbox, at, host = address.rpartition(b"@")
        if not at:
            mailbox, host = host, b""
        # A host that is missing is said as "": NIL would mean a group.
        self._found.append(
            b"(%b NIL %b %b)" % (nstring(name or None), nstring(mailbox), nstring(host))
        )
        self._clear()

    def _end_group(self) -> None:
        if self._in_group:
            self._found.append(_GROUP_END)
        self._in_group = False

    def _clear(self) -> None:
        self._words, self._comments, self._address = [], [], None
        self._depth = 0
        self._in_angle = self._glued = False


def _unescaped(text: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", text, flags=re.DOTALL) if b"\\" in text else text
