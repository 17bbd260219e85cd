"""From a URL or fields to a session: what is meant, what is refused, and what is never shown."""

from __future__ import annotations

import inspect
import pickle
import ssl
import traceback
from typing import Any

import pytest

import courriel
from courriel import (
    Auth,
    LMTPSession,
    Misused,
    Secret,
    Security,
    SessionState,
    SMTPSession,
    Timeout,
    open_session,
)
from tests.faces import Face

SCHEMES = {
    "smtp": ("SMTPSession", 25, Security.PLAINTEXT),
    "smtps": ("SMTPSession", 465, Security.TLS),
    "smtp+starttls": ("SMTPSession", 587, Security.STARTTLS),
    "lmtp": ("LMTPSession", 24, Security.PLAINTEXT),
}


def profile(session: Any) -> Any:
    return session._dialogue.profile


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("tail", ["", "/"])
def test_a_scheme_says_kind_port_and_security(face: Face, scheme: str, tail: str) -> None:
    kind, port, security = SCHEMES[scheme]
    session = face.kind(kind).from_url(f"{scheme}://mail.example.org{tail}")
    assert ("mail.example.org", port, None) == (session.host, session.port, session.user)
    assert security is profile(session).security
    assert not profile(session).plaintext_named
    assert SessionState.CLOSED is session.state


@pytest.mark.parametrize("scheme", SCHEMES)
def test_open_session_finds_the_kind(scheme: str) -> None:
    session = open_session(f"{scheme.upper()}://ada:secret@mail.example.org:2525/")
    assert SCHEMES[scheme][0] == type(session).__name__
    assert (2525, "ada") == (session.port, session.user)


@pytest.mark.parametrize(
    ("login", "user", "password"),
    [
        ("ada:secret@", "ada", "secret"),
        ("ada@", "ada", None),
        ("ada:@", "ada", None),
        ("ada%40example.org:p%3Aw%40%2F%3F%23%25@", "ada@example.org", "p:w@/?#%"),
        ("zo%C3%AB:p%C3%A2t%C3%A9%20%E2%82%AC@", "zoë", "pâté €"),
        ("ada:a+b@", "ada", "a+b"),
        ("ada:one:two@", "ada", "one:two"),
        ("", None, None),
    ],
)
def test_user_and_password_are_percent_decoded(
    login: str, user: str | None, password: str | None
) -> None:
    session = open_session(f"smtps://{login}mail.example.org")
    assert user == session.user
    secret = profile(session).password
    assert password == (secret.reveal() if secret else None)


@pytest.mark.parametrize(
    ("host", "meant", "loopback"),
    [
        ("[::1]:2525", "::1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("LOCALHOST", "localhost", True),
        ("127.example.org", "127.example.org", False),
        ("localhost.example.org", "localhost.example.org", False),
    ],
)
def test_hosts_are_read_and_this_machine_is_known(host: str, meant: str, loopback: bool) -> None:
    session = open_session(f"smtp://{host}")
    assert meant == session.host
    assert loopback is profile(session).on_loopback


BAD = [
    "",
    "mail.example.org",
    "ada:s3cret@mail.example.org",
    "//ada:s3cret@mail.example.org",
    "http://ada:s3cret@mail.example.org",
    "imap+tls://ada:s3cret@mail.example.org",
    "smtps://ada:s3cret@",
    "smtps://ada:s3cret@:465",
    "smtps://ada:s3cret@mail.example.org:0",
    "smtps://ada:s3cret@mail.example.org:65536",
    "smtps://ada:s3cret@mail.example.org:port",
    "smtps://ada:s3cret@mail.example.org/inbox",
    "smtps://ada:s3cret@mail.example.org?x=1",
    "smtps://ada:s3cret@mail.example.org#x",
    "smtps://ada:s3cret/mail@example.org",
    "smtps://ada:s3cret%FF@mail.example.org",
    "smtps://ada%0D%0A:s3cret@mail.example.org",
    "smtps://ada:s3cret@mail.example.org\r\n",
    "smtps://ada:s3cret@[::1",
    "smtps://ada:s3cret@mail example.org",
    None,
    b"smtps://ada:s3cret@mail.example.org",
]


@pytest.mark.parametrize("url", BAD, ids=repr)
def test_what_is_no_url_is_refused_and_not_shown(url: Any) -> None:
    for read in (open_session, SMTPSession.from_url):
        with pytest.raises(Misused) as caught:
            read(url)
        error = caught.value
        assert "s3cret" not in str(error) + repr(error) + repr(error.__dict__)
        chain = traceback.format_exception(error)
        assert not any("s3cret" in line for line in chain[-2:])


def test_a_url_for_another_kind_is_refused() -> None:
    with pytest.raises(Misused, match="open_session"):
        LMTPSession.from_url("smtps://mail.example.org")


def test_overrides_are_arguments_of_the_constructor() -> None:
    context = ssl.create_default_context()
    session = open_session(
        "smtp://ada:secret@mail.example.org", timeout=5, auth="optional", port=26, tls=context
    )
    assert 26 == session.port
    assert Timeout(5, 5, 5) == profile(session).timeout
    assert Auth.OPTIONAL is profile(session).auth
    assert context is profile(session).tls
    with pytest.raises(Misused, match="colour"):
        open_session("smtp://mail.example.org", colour="red")


@pytest.mark.parametrize("security", ["plaintext", Security.PLAINTEXT])
def test_plaintext_counts_as_named_only_where_it_is_named(security: Any) -> None:
    assert profile(SMTPSession("mail.example.org", security=security)).plaintext_named
    assert profile(open_session("smtp://mail.example.org", security=security)).plaintext_named
    assert not profile(open_session("smtp://mail.example.org")).plaintext_named
    assert not profile(LMTPSession("mail.example.org")).plaintext_named
    assert not profile(SMTPSession("mail.example.org")).plaintext_named


def test_the_signature_shows_what_is_meant_when_nothing_is_said(face: Face) -> None:
    shown = inspect.signature(face.kind("SMTPSession")).parameters["security"]
    assert Security.TLS is shown.default
    assert inspect.signature(face.kind("LMTPSession")).parameters["security"].default is None
    names = [
        list(inspect.signature(face.kind(k)).parameters) for k in ("SMTPSession", "LMTPSession")
    ]
    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("me.example.org", "me.example.org"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("straße.example", "xn--strae-oqa.example"),
    ],
)
def test_our_name_is_said_in_ascii(face: Face, name: str, said: str) -> None:
    assert said == profile(face.kind("SMTPSession")("mx.example.org", local_name=name)).local_name


def test_fields_mean_what_the_url_means(face: Face) -> None:
    for security, port in (("tls", 465), ("starttls", 587), ("plaintext", 25)):
        session = face.kind("SMTPSession")("mail.example.org", security=security)
        assert port == session.port
    assert Security.TLS is profile(face.kind("SMTPSession")("mail.example.org")).security


@pytest.mark.parametrize(
    "arguments",
    [
        {"security": "ssl"},
        {"security": True},
        {"auth": "maybe"},
        {"port": 0},
        {"port": 65_536},
        {"port": "25"},
        {"port": True},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": "soon"},
        {"tls": True},
        {"user": "ada\r\nQUIT"},
        {"user": ""},
        {"password": b"secret"},
        {"token": 7},
        {"local_name": "me example"},
        {"local_name": "me\r\nQUIT"},
        {"local_name": "☃..example"},
        {"local_name": "é" * 64},
        {"limits": None},
    ],
    ids=repr,
)
def test_what_cannot_be_meant_is_refused_at_once(face: Face, arguments: dict[str, Any]) -> None:
    with pytest.raises(Misused):
        face.kind("SMTPSession")("mail.example.org", **arguments)


@pytest.mark.parametrize(
    "host", ["", " ", "mail.example.org\r\n", "mail example", "a" * 2_000, None]
)
def test_a_host_is_one_word(face: Face, host: Any) -> None:
    with pytest.raises(Misused, match="host"):
        face.kind("SMTPSession")(host)


def test_nothing_shows_a_secret(face: Face) -> None:
    session = face.kind("SMTPSession")(
        "mail.example.org", user="ada", password="s3cret", token="t0ken", proxy="socks5://u:pr0xy@h"
    )
    shown = repr(session) + str(session) + repr(profile(session)) + repr(session._dialogue)
    shown += "".join(f"{word}" for word in (profile(session).password, profile(session).token))
    assert not any(secret in shown for secret in ("s3cret", "t0ken", "pr0xy"))
    assert "ada@mail.example.org:465 closed" in repr(session)
    with pytest.raises(TypeError, match="Secret"):
        pickle.dumps(profile(session).password)


def test_a_secret_is_taken_as_it_is() -> None:
    secret = Secret("s3cret")
    session = SMTPSession("mail.example.org", user="ada", password=secret)
    assert "s3cret" == profile(session).password.reveal()
    assert profile(SMTPSession("mail.example.org", user="ada", password="")).password is None


def test_a_session_that_is_not_open_says_so(face: Face) -> None:
    session = face.kind("SMTPSession")("mail.example.org")
    assert SessionState.CLOSED is session.state
    assert not session.usable
    assert not session.secured
    assert (frozenset(), "") == (session.capabilities, session.greeting)
    assert type(session).__name__ == repr(session)[1:].split()[0]
    assert "courriel" == type(session).__module__ == courriel.__name__
