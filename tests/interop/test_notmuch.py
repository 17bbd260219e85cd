"""notmuch, which reads mail by GMime, reads what we compose."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import pytest

from courriel.model.address import Address
from tests.interop.shapes import SHAPES, Shape

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("server_packages")]

EVERY = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
MESSAGE = "message/rfc822"
CONFIGURATION = """\
[database]
path={mail}
[user]
name=Bob
primary_email=bob@example.net
[new]
tags=
[search]
exclude_tags=
"""


class Notmuch:
    """A mailbox with every shape in it, and the program that reads it."""

    def __init__(self, folder: Path) -> None:
        self.mail = folder / "mail"
        for name in ("cur", "new", "tmp"):
            (self.mail / name).mkdir(parents=True)
        configuration = folder / "config"
        configuration.write_text(CONFIGURATION.format(mail=self.mail))
        self._environment = os.environ | {
            "HOME": str(folder),
            "NOTMUCH_CONFIG": str(configuration),
            "LC_ALL": "C.UTF-8",
        }

    def run(self, *words: str) -> bytes:
        """Run one command and return what it says."""
        done = subprocess.run(
            ["/usr/bin/notmuch", *words], env=self._environment, capture_output=True, check=True
        )
        assert b"" == done.stderr
        return done.stdout

    def message(self, shape: Shape) -> dict[str, Any]:
        """Return what it says of one mail."""
        words = ("--format=json", "--include-html", "--entire-thread=false", self.query(shape))
        found: Any = json.loads(self.run("show", *words))
        while isinstance(found, list):
            (found,) = [one for one in found if one]
        assert isinstance(found, dict)
        return found

    def octets(self, shape: Shape, part: int) -> bytes:
        """Return a part, decoded."""
        return self.run("show", "--format=raw", f"--part={part}", self.query(shape))

    def query(self, shape: Shape) -> str:
        """Name one mail."""
        return f"id:{(shape.email.message_id or '')[1:-1]}"


@pytest.fixture(scope="module")
def notmuch(tmp_path_factory: pytest.TempPathFactory) -> Notmuch:
    program = Notmuch(tmp_path_factory.mktemp("notmuch"))
    for name, shape in SHAPES.items():
        (program.mail / "cur" / f"1.{name}.x:2,").write_bytes(shape.email.source)
    program.run("new", "--quiet")
    return program


def tree_of(part: dict[str, Any]) -> str:
    kind, content = part["content-type"], part.get("content", "")
    if kind == MESSAGE:
        content = content[0]["body"]
    if not isinstance(content, list):
        return str(kind)
    return f"{kind}({' '.join(tree_of(one) for one in content)})"


def leaves(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if isinstance(part.get("content"), list) and part["content-type"] != MESSAGE:
        for one in part["content"]:
            yield from leaves(one)
    else:
        yield part


def as_sent(kind: str, octets: bytes) -> bytes:
    return octets.replace(b"\n", b"\r\n") if kind == MESSAGE else octets


def people(addresses: tuple[Address, ...]) -> list[tuple[str, str]]:
    return [(one.name, one.wire) for one in addresses]


@EVERY
def test_it_finds_the_tree(notmuch: Notmuch, shape: Shape) -> None:
    (root,) = notmuch.message(shape)["body"]
    assert shape.tree == tree_of(root)


@EVERY
def test_it_finds_the_header(notmuch: Notmuch, shape: Shape) -> None:
    email, message = shape.email, notmuch.message(shape)
    headers = message["headers"]
    assert email.subject == headers["Subject"]
    assert email.date is not None
    assert email.date.timestamp() == message["timestamp"]
    assert email.sender is not None
    assert people((email.sender,)) == getaddresses([headers["From"]])
    assert people(email.to) == getaddresses([headers["To"]])
    assert people(email.cc) == getaddresses([headers[name] for name in ["Cc"] if name in headers])


@EVERY
def test_it_finds_the_bodies(notmuch: Notmuch, shape: Shape) -> None:
    (root,) = notmuch.message(shape)["body"]
    texts = {
        part["content-type"]: part["content"]
        for part in leaves(root)
        if part["content-type"] in {"text/plain", "text/html"} and "filename" not in part
    }
    email = shape.email
    wanted = {"text/html": email.html}
    if email.html is None or "text/plain" in shape.tree:
        wanted["text/plain"] = email.text or ""
    assert {kind: text for kind, text in wanted.items() if text is not None} == {
        kind: text.replace("\r\n", "\n") for kind, text in texts.items()
    }


@EVERY
def test_it_finds_the_files(notmuch: Notmuch, shape: Shape) -> None:
    (root,) = notmuch.message(shape)["body"]
    # Of a message inside it does not say the name, and gives it with the line ends of Unix.
    names = iter([file.name for file in shape.email.attachments if file.content_type == MESSAGE])
    found = [
        (
            part["filename"] if "filename" in part else next(names),
            part["content-type"],
            part.get("content-id"),
            as_sent(part["content-type"], notmuch.octets(shape, part["id"])),
        )
        for part in leaves(root)
        if "filename" in part or part["content-type"] == MESSAGE
    ]
    assert [
        (file.name, file.content_type, file.inline_id, file.content)
        for file in (*shape.email.inline, *shape.email.attachments)
    ] == found
