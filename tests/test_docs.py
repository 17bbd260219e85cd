"""Run every Python block of the README and of the pages in docs, as it stands there.

The blocks of a page are run in order and share their names, as a reader would type them in. What a
page takes for granted (a file that is attached, customers) and what must have come of it stands
beside it in a comment that readers do not see, ``<!-- run … -->``, and is run with them.

Nothing of the library is replaced. The hosts that the pages name lead to an embedded server: names
are resolved here, ports included, and its certificate bears their names, so that TLS and sign-in
are the real ones. A block that defines tests is run by pytest too.
"""

from __future__ import annotations

import ast
import os
import re
import runpy
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from courriel import Email
from courriel.sandbox import Authority, Server
from courriel.wlanguage.state import process

ROOT = Path(__file__).parents[1]
HOSTS = (
    *("mail.example.org", "smtp.example.org", "new.example.net"),
    *("smtp.gmail.com", "smtp.office365.com", "imap.gmail.com"),
)
USERS = ("ada", "bob", "eve", "billing", "greylisted", "busy")
BLOCK = re.compile(r"^```python\n(.*?)^```$|^<!-- run\n(.*?)^-->$", re.MULTILINE | re.DOTALL)


def pages() -> list[str]:
    """Return the pages with Python in them, from the root of the project."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [str(page.relative_to(ROOT)) for page in found if "```python" in page.read_text()]


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each block of a page: as it is, and at its own line numbers."""
    text = page.read_text()
    for match in BLOCK.finditer(text):
        group = 1 if match[1] is not None else 2
        yield match[group], "\n" * text.count("\n", 0, match.start(group)) + match[group]


def defines_tests(code: str) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        for node in ast.parse(code).body
    )


@pytest.fixture(scope="module")
def authority() -> Authority:
    """One authority, whose certificate bears the names of all hosts."""
    return Authority(*HOSTS)


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    """The server behind all names. Two of its users can be reached at the second attempt only."""
    busy = "450 4.2.0 Try again later"
    with Server(
        dict.fromkeys(USERS, "secret"),
        tokens={"ada": "ya29.fresh"},
        refuse={"greylisted@example.org": busy, "busy@example.org": busy},
        authority=authority,
    ) as server:
        yield server


@pytest.fixture
def names(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Resolve the hosts to the server, trust its authority, and work in an empty folder."""
    ports = {
        465: server.smtp_tls_port,
        587: server.smtp_port,
        25: server.smtp_port,
        993: server.imap_tls_port,
        143: server.imap_port,
        995: server.pop3_tls_port,
        110: server.pop3_port,
    }
    resolve = socket.getaddrinfo

    def resolve_here(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host in HOSTS:
            host, port = server.host, ports[port]
        return resolve(host, port, *args, **kwargs)

    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "ca.pem").write_text(server.ca_pem)
    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    # What a block sets there is not to outlive it.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.chdir(folder)
    yield
    process.restart()


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("page", pages())
def test_the_python_of_a_page_is_true(
    page: str, server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said: list[str] = []

    def output() -> str:
        said.append(capsys.readouterr().out)
        return "".join(said)

    def subjects(user: str) -> list[str]:
        return [Email.from_source(message.content).subject for message in server.mailbox(user)]

    def accept(address: str) -> None:
        # The server's own mapping: people have no need to change its mind while it runs.
        server._house.smtp.refuse.pop(address)  # type: ignore[attr-defined]

    def soon(action: Callable[[], Any]) -> None:
        threading.Thread(target=when_watched, args=(server, action), daemon=True).start()

    given = {
        "server": server,
        "output": output,
        "subjects": subjects,
        "accept": accept,
        "soon": soon,
    }
    namespace: dict[str, Any] = {"__name__": "__main__", **given}
    for code, placed in blocks(ROOT / page):
        exec(compile(placed, page, "exec"), namespace)
        if defines_tests(code):
            (tmp_path / "test_block.py").write_text(code)
            run_with_pytest(tmp_path / "test_block.py")


def when_watched(server: Server, action: Callable[[], Any]) -> None:
    """Act as soon as somebody waits in IDLE for what happens in ada's INBOX."""
    pause = threading.Event()
    while not server.mailbox("ada")._listeners:
        if pause.wait(0.02) or not server.running:
            return
    action()


def run_with_pytest(file: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)),
            *("--rootdir", str(file.parent)),
        ],
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout


def test_the_readme_and_the_recipes_are_among_them() -> None:
    found = pages()
    assert "README.md" in found
    recipes = {f"docs/recipes/{file.name}" for file in (ROOT / "docs" / "recipes").glob("*.md")}
    assert recipes - {"docs/recipes/index.md"} <= {*found}


def test_the_tables_of_the_pages_are_those_of_the_code() -> None:
    tables = runpy.run_path(str(ROOT / "docs" / "tables.py"))
    assert tables["page"]() == tables["PAGE"].read_text(), "run python docs/tables.py"


def test_every_extension_of_imap_is_in_its_table() -> None:
    words = """
        LITERAL+ LITERAL- SASL-IR ID NAMESPACE UIDPLUS MOVE IDLE ENABLE CONDSTORE QRESYNC ESEARCH
        SEARCHRES SORT THREAD WITHIN COMPRESS=DEFLATE SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED
        LIST-STATUS STATUS=SIZE UNSELECT BINARY APPENDLIMIT MULTIAPPEND QUOTA UTF8=ACCEPT OBJECTID
        PREVIEW X-GM-EXT-1
    """
    page = (ROOT / "docs" / "imap.md").read_text()
    told = re.findall(r"^\| (\S+) \(.*?\) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    assert {*words.split()} <= {word for word, _, _ in told}


def test_every_link_to_a_page_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
