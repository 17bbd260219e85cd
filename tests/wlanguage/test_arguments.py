"""Hold the call shapes of EmailStartSMTPSession to the vendor's syntax line."""

from __future__ import annotations

from typing import Any

import pytest

from courriel.model.options import Security
from courriel.model.secret import Secret
from courriel.wlanguage.arguments import SmtpArguments, arguments
from courriel.wlanguage.constants import (
    OptionSSL,
    emailAsynchronous,
    emailOptionDefault,
    emailOptionSecuredTLS,
    emailProtocolSMTPS,
    emailSynchronous,
    optionSSL,
)
from courriel.wlanguage.faults import WLanguageError


def read(*positional: object, **named: object) -> SmtpArguments:
    return arguments(positional, named)


def test_two_texts_are_user_and_server() -> None:
    assert SmtpArguments(user="ada", server="mail") == read("ada", "mail")


def test_three_texts_are_user_password_and_server() -> None:
    expected = SmtpArguments(user="ada", password="secret", server="mail")
    assert expected == read("ada", "secret", "mail")


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_slot_is_no_password(empty: str | None) -> None:
    found = read("ada", empty, "mail", 587)
    assert ("ada", "mail", 587, None) == (found.user, found.server, found.port, found.secret)


def test_the_defaults_are_the_vendors() -> None:
    found = read("ada", "secret", "mail")
    assert (25, False, emailOptionDefault) == (found.port, found.asynchronous, found.option)


@pytest.mark.parametrize("shape", [("ada", "mail"), ("ada", "secret", "mail")])
def test_port_mode_and_option_follow_the_texts(shape: tuple[str, ...]) -> None:
    found = read(*shape, 587, emailAsynchronous, emailOptionSecuredTLS)
    assert (587, emailAsynchronous) == (found.port, found.asynchronous)
    assert Security.STARTTLS is found.security


@pytest.mark.parametrize(
    ("positional", "named"),
    [
        (("ada", "mail"), {"password": "secret", "port": 2525}),
        (("ada", "secret"), {"server": "mail", "port": 2525}),
        (("ada",), {"server": "mail", "password": "secret", "port": 2525}),
        ((), {"user": "ada", "server": "mail", "password": "secret", "port": 2525}),
        (("ada", "mail", 2525), {"password": "secret"}),
    ],
)
def test_every_argument_may_be_named(positional: Any, named: dict[str, Any]) -> None:
    expected = SmtpArguments(user="ada", password="secret", server="mail", port=2525)
    assert expected == read(*positional, **named)


def test_a_secret_may_be_given_for_the_password() -> None:
    assert Secret("secret") == read("ada", Secret("secret"), "mail").secret
    assert Secret("secret") == read("ada", "secret", "mail").secret


@pytest.mark.parametrize(
    ("option", "security"),
    [
        (emailOptionDefault, Security.PLAINTEXT),
        (emailOptionSecuredTLS, Security.STARTTLS),
        (emailProtocolSMTPS, Security.STARTTLS),
        (optionSSL, Security.TLS),
        (OptionSSL, Security.TLS),
    ],
)
def test_the_option_says_how_the_session_is_secured(option: Any, security: Security) -> None:
    assert security is read("ada", "mail", option=option).security


@pytest.mark.parametrize(
    ("positional", "named", "complaint"),
    [
        ((), {}, "user is missing"),
        (("ada",), {}, "server is missing"),
        (("ada", "secret"), {"user": "ada"}, "user is given twice"),
        (("ada", "mail", 25), {"port": 25}, "port is given twice"),
        (("ada", "secret", "mail"), {"server": "mail"}, "server is given twice"),
        (("ada", "mail"), {"serveur": "mail"}, "there is no argument 'serveur'"),
        (("a", "b", "c", 25, False, emailOptionDefault, 1), {}, "too many"),
        (("", "mail"), {}, "user is blank"),
        (("ada", " "), {}, "server must be a name or an address, not a blank text"),
        ((None, "mail"), {}, "user must be str"),
        ((5, "mail"), {}, "user must be str"),
        (("ada", b"mail"), {}, "server must be str"),
        (("ada", "a", "b", "c"), {}, "port must be int, not another text"),
        (("ada", "mail", 0), {}, "port must be"),
        (("ada", "mail", 65536), {}, "port must be"),
        (("ada", "mail", True), {}, "port must be"),
        (("ada", "mail", 25, 0), {}, "asynchronous must be bool or Transmission"),
        (("ada", "mail", 25, False, 2), {}, "option must be SessionOption"),
        (("ada", "mail", 25, False, emailSynchronous), {}, "option must be SessionOption"),
        (("ada", "mail"), {"password": 5}, "password must be str or Secret or NoneType"),
    ],
)
def test_what_does_not_fit_is_an_error_of_the_program(
    positional: Any, named: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(WLanguageError, match=f"^EmailStartSMTPSession: {complaint}"):
        read(*positional, **named)


def test_a_misplaced_password_is_not_shown() -> None:
    with pytest.raises(WLanguageError) as caught:
        read("ada", "mail", 25, "hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("password", ["hunter2", Secret("hunter2")])
def test_the_arguments_do_not_show_the_password(password: str | Secret) -> None:
    found = read("ada", password, "mail")
    assert "hunter2" not in f"{found!r} {found.secret!r}"
