"""Accounts in the configuration file: which one is meant, and where its password comes from."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from courriel import Misused
from courriel.cli.account import find_account
from courriel.cli.configuration import Configuration, configuration_path, read_configuration
from courriel.sandbox import Server
from tests.cli.conftest import Courriel

LETTER = ("send", "--to", "bob@example.org", "--text", "Hello.")
TWO = """
default = "home"
[accounts.work]
url = "smtps://ada@work.example.org"
[accounts.home]
url = "smtps://ada@home.example.org"
"""


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def url(configuration: Configuration, name: str | None = None) -> str:
    return find_account(name, {}, lambda: configuration).url.reveal()


def test_an_account_is_found_by_its_name_or_is_the_default(tmp_path: Path) -> None:
    configuration = read_configuration(written(tmp_path, TWO))
    assert "smtps://ada@work.example.org" == url(configuration, "work")
    assert "smtps://ada@home.example.org" == url(configuration)


def test_the_only_account_needs_no_default(tmp_path: Path) -> None:
    one = read_configuration(written(tmp_path, '[accounts.x]\nurl = "smtps://h"\n'))
    assert "smtps://h" == url(one)


def test_the_command_line_goes_before_the_environment(tmp_path: Path) -> None:
    configuration = read_configuration(written(tmp_path, TWO))
    environment = {"COURRIEL_ACCOUNT": "home"}
    for named, expected in (("work", "work"), (None, "home")):
        account = find_account(named, environment, lambda: configuration)
        assert f"smtps://ada@{expected}.example.org" == account.url.reveal()


def test_a_url_needs_no_file() -> None:
    def unread() -> Configuration:
        raise AssertionError("The file was read.")

    assert "smtp://h" == find_account("smtp://h", {}, unread).url.reveal()


def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path / ".config/courriel/config.toml" == configuration_path({})
    assert Path("/c/courriel/config.toml") == configuration_path({"XDG_CONFIG_HOME": "/c"})
    assert Path("/x.toml") == configuration_path({"COURRIEL_CONFIG": "/x.toml"})


def test_no_file_is_no_account(tmp_path: Path) -> None:
    configuration = read_configuration(tmp_path / "there-is-none.toml")
    with pytest.raises(Misused, match="no account was given"):
        configuration.account(None)
    with pytest.raises(Misused, match="there is no account 'work'"):
        configuration.account("work")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("not = [toml", "it is not TOML"),
        ("colour = 1", "'colour'"),
        ("default = 1", "default"),
        ("accounts = 1", "accounts"),
        ("[accounts.x]", "no url in"),
        ("[accounts.x]\nurl = 1", "no url in"),
        ('[accounts.x]\nurl = "smtps://h"\npasword = "pa55"', "'pasword'"),
        ('[accounts.x]\nurl = "smtps://h"\nca = 1', "ca in"),
        ('[accounts.x]\nurl = "smtps://h"\npassword_command = "pass x"', "a list of words"),
        ('[accounts.x]\nurl = "smtps://h"\ntoken_command = [1]', "a list of words"),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Misused) as caught:
        read_configuration(written(tmp_path, text))
    assert complaint in str(caught.value)
    assert "pa55" not in str(caught.value)


def test_a_password_that_others_may_read_is_refused(tmp_path: Path) -> None:
    text = '[accounts.x]\nurl = "smtps://ada:pa55@h"\n'
    with pytest.raises(Misused, match="chmod 600") as caught:
        read_configuration(written(tmp_path, text, 0o644))
    assert "pa55" not in str(caught.value)
    assert "smtps://ada:pa55@h" == url(read_configuration(written(tmp_path, text, 0o600)))


def test_without_a_password_others_may_read_it(tmp_path: Path) -> None:
    assert "smtps://ada@home.example.org" == url(read_configuration(written(tmp_path, TWO, 0o644)))


class TestAsPeopleDo:
    """With the program itself."""

    @staticmethod
    def configure(account: dict[str, str], folder: Path, *command: str) -> None:
        """Write an account whose password a command prints."""
        program = json.dumps([sys.executable, "-c", *command])
        file = written(
            folder,
            "[accounts.work]\n"
            f'url = "{account.pop("COURRIEL_ACCOUNT")}"\n'
            f"password_command = {program}\n"
            'from = "Ada <ada@example.org>"\n'
            f'ca = "{Path(account.pop("SSL_CERT_FILE")).name}"\n',
        )
        account["COURRIEL_CONFIG"] = str(file)
        del account["COURRIEL_PASSWORD"]

    def test_a_command_prints_the_password(
        self, account: dict[str, str], courriel: Courriel, mail_server: Server, tmp_path: Path
    ) -> None:
        self.configure(account, tmp_path, "print('secret\\nand more')")
        ended = courriel(*LETTER)
        assert (0, "") == (ended.status, ended.err)
        (message,) = mail_server.mailbox("bob")
        assert ("ada@example.org", "ada") == (message.sender, message.envelope.user)

    def test_the_command_cannot_eat_the_message(
        self, account: dict[str, str], courriel: Courriel, mail_server: Server, tmp_path: Path
    ) -> None:
        self.configure(account, tmp_path, "import sys; sys.stdin.read(); print('secret')")
        letter = ("send", "--to", "bob@example.org", "--text-file", "-")
        assert 0 == courriel(*letter, stdin=b"All of it.\n").status
        assert b"All of it." in mail_server.mailbox("bob")[0].content

    @pytest.mark.parametrize(
        ("program", "complaint"),
        [
            ("print()", "it printed nothing on its first line"),
            ("print('pa55'); raise SystemExit(3)", "it ended with status 3"),
        ],
    )
    def test_a_command_that_fails_is_told_without_its_output(
        self,
        account: dict[str, str],
        courriel: Courriel,
        tmp_path: Path,
        program: str,
        complaint: str,
    ) -> None:
        self.configure(account, tmp_path, program)
        ended = courriel(*LETTER)
        assert 2 == ended.status
        assert complaint in ended.words
        assert "pa55" not in ended.words

    def test_a_token_command_signs_in_with_a_token(
        self, account: dict[str, str], courriel: Courriel, mail_server: Server, tmp_path: Path
    ) -> None:
        self.configure(account, tmp_path, "print('secret')")
        file = Path(account["COURRIEL_CONFIG"])
        # Without tokens of their own, a password is a user's token on the embedded server.
        file.write_text(file.read_text().replace("password_command", "token_command"))
        ended = courriel(*LETTER)
        assert (0, "") == (ended.status, ended.err)
        assert "ada" == mail_server.mailbox("bob")[0].envelope.user
