"""Put mails straight into Maildirs: twenty thousand in seconds, or one that is huge.

A server finds them when it looks next, as it finds what was delivered. Files are written as a
delivery agent writes them, with bare LF, and named with their sizes, so that the server need not
measure each. Mails made here differ only by their number, and say it in their Subject.

Making and writing mails lives here; reading them back is ``maildir``'s business.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

FIRST = 1_700_000_000
"""When the first mail arrived, in seconds since 1970; each next one came a second later."""

LINE = b"The quick brown fox jumps over the lazy dog, and so on to the end of line.\n"
ENCODED = b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4\n"
"""The octets 0 to 56 as one line of Base64."""
ENCODED_OCTETS = 57
MANY = 10_000
"""Lines written at once."""


def small_mail(number: int, octets: int = 1_024) -> bytes:
    """Make a plain mail of about ``octets`` octets, never fewer than its header needs."""
    header = (
        f"From: Writer {number % 7} <writer{number % 7}@example.org>\n"
        f"To: Reader <reader@example.org>\n"
        f"Subject: Mail {number}\n"
        f"Date: Tue, 14 Nov 2023 22:13:{number % 60:02} +0000\n"
        f"Message-ID: <mail-{number}@example.org>\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=us-ascii\n"
        "\n"
    ).encode("ascii")
    lines, rest = divmod(max(0, octets - len(header) - 1), len(LINE))
    return header + LINE * lines + b"x" * rest + b"\n"


def big_mail(octets: int) -> Iterator[bytes]:
    """Make a mail with an attachment of at least ``octets`` octets, decoded, piece by piece.

    The text is ``See the attachment.``; the attachment is ``big.bin``, the octets 0 to 56 again
    and again.
    """
    yield (
        b"From: Writer <writer@example.org>\nTo: Reader <reader@example.org>\n"
        b"Subject: A big mail\nDate: Tue, 14 Nov 2023 22:13:20 +0000\n"
        b"Message-ID: <big@example.org>\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="=_big"\n\n'
        b"--=_big\nContent-Type: text/plain; charset=us-ascii\n\nSee the attachment.\n"
        b'--=_big\nContent-Type: application/octet-stream; name="big.bin"\n'
        b'Content-Disposition: attachment; filename="big.bin"\n'
        b"Content-Transfer-Encoding: base64\n\n"
    )
    lines = -(-octets // ENCODED_OCTETS)
    for start in range(0, lines, MANY):
        yield ENCODED * min(MANY, lines - start)
    yield b"--=_big--\n"


class Stock:
    """The mailboxes below ``root``, whose files belong to ``owner``."""

    def __init__(self, root: Path, owner: pwd.struct_passwd) -> None:
        self._root = root
        self._owner = owner
        self._numbers = count()

    def put(
        self,
        user: str,
        source: bytes | Iterable[bytes],
        *,
        folder: str = "INBOX",
        seen: bool = False,
    ) -> Path:
        """Put one mail into a folder of ``user``, which is made if need be; return its file.

        ``folder`` is named as in the file system (modified UTF-7, levels parted by dots). Whoever
        watches the folder sees the mail appear at once and whole. CRLF becomes LF.
        """
        box = self._box(user, folder)
        return self._write(box, [source] if isinstance(source, bytes) else source, seen)

    def fill(
        self, user: str, mails: Iterable[bytes], *, folder: str = "INBOX", seen: bool = False
    ) -> int:
        """Put many mails into a folder of ``user``, in order; return how many they were."""
        box = self._box(user, folder)
        return len([self._write(box, [source], seen) for source in mails])

    def _write(self, box: Path, pieces: Iterable[bytes], seen: bool) -> Path:
        number = next(self._numbers)
        draft = box / "tmp" / f"{number}"
        stored = lines = 0
        with draft.open("wb") as file:
            for piece in pieces:
                text = piece.replace(b"\r\n", b"\n")
                stored += file.write(text)
                lines += text.count(b"\n")
        received = FIRST + number
        os.utime(draft, (received, received))
        self._give_away(draft)
        # S and W are the sizes with LF and with CRLF (Maildir++); a name must tell its flags to
        # be in `cur`.
        name = f"{received}.M{number % 1_000_000}P1.stock,S={stored},W={stored + lines}"
        return draft.rename(box / "cur" / f"{name}:2,S" if seen else box / "new" / name)

    def _box(self, user: str, folder: str) -> Path:
        home = self._root / user
        box = home if folder == "INBOX" else home / f".{folder}"
        for path in (home, box, *(box / name for name in ("cur", "new", "tmp"))):
            with suppress(FileExistsError):
                path.mkdir()
                self._give_away(path)
        return box

    def _give_away(self, path: Path) -> None:
        os.chown(path, self._owner.pw_uid, self._owner.pw_gid)
