"""Paths, parameters and xtext, as the grammar has them."""

from __future__ import annotations

import pytest

from courriel.errors import Refused
from courriel.sandbox.smtp import parameters
from courriel.sandbox.smtp.syntax import forward_path, is_host, reverse_path, xtext

ADDRESSES = [
    "ada@example.org",
    "ada.love-lace+tag@sub.example.org",
    "!#$%&'*+-/=?^_`{|}~@example.org",
    '"ada lovelace"@example.org',
    '"a\\"b\\\\c@d>"@example.org',
    '""@example.org',
    "ada@[127.0.0.1]",
    "ada@[IPv6:2001:db8::1]",
    "ada@localhost",
    "ada@xn--bcher-kva.example",
    "zoë@bücher.example",
    f"{'a' * 64}@example.org",
]

NOT_ADDRESSES = [
    "ada",
    "@example.org",
    "ada@",
    "ada@@example.org",
    "ada@ example.org",
    "ada lovelace@example.org",
    ".ada@example.org",
    "ada.@example.org",
    "a..b@example.org",
    "ada@-example.org",
    "ada@example-.org",
    "ada@example..org",
    "ada@.example.org",
    "ada@exa_mple.org",
    "ada@[127.0.0]",
    "ada@[::1]",
    '"ada@example.org',
    '"a"b@example.org',
    "ada<eve@example.org",
    "<ada@example.org>",
    "ada@example.org,eve@example.org",
    f"{'a' * 65}@example.org",
    f"{'ä' * 33}@example.org",
    f"ada@{'a' * 250}.org",
    f"{'a' * 60}@{'b' * 200}.org",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_read_as_it_is_written(address: str) -> None:
    assert address == reverse_path(f"FROM:<{address}>").address
    assert address == forward_path(f"to:<{address}>").address


@pytest.mark.parametrize("address", NOT_ADDRESSES)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Refused) as caught:
        reverse_path(f"FROM:<{address}>")
    assert (501, "5.1.7") == (caught.value.code, caught.value.enhanced)
    with pytest.raises(Refused) as caught:
        forward_path(f"TO:<{address}>")
    assert (501, "5.1.3") == (caught.value.code, caught.value.enhanced)


def test_the_empty_path_is_a_sender_and_no_recipient() -> None:
    assert "" == reverse_path("FROM:<>").address
    with pytest.raises(Refused, match="no address"):
        forward_path("TO:<>")


def test_postmaster_needs_no_domain_as_a_recipient() -> None:
    assert "PostMaster" == forward_path("TO:<PostMaster>").address
    with pytest.raises(Refused):
        reverse_path("FROM:<postmaster>")


def test_a_source_route_is_ignored() -> None:
    assert "ada@example.org" == forward_path("TO:<@a.example,@b.example:ada@example.org>").address


@pytest.mark.parametrize("argument", ["", "ada@example.org", "<ada@example.org>", "TO:<a@b.c>"])
def test_the_keyword_is_needed(argument: str) -> None:
    with pytest.raises(Refused, match="goes on with FROM:<address>") as caught:
        reverse_path(argument)
    assert (501, "5.5.4") == (caught.value.code, caught.value.enhanced)


def test_a_space_behind_the_keyword_is_pointed_out() -> None:
    with pytest.raises(Refused, match="no space behind FROM:"):
        reverse_path("FROM: <ada@example.org>")


def test_parameters_are_keywords_with_values_or_without() -> None:
    path = reverse_path("FROM:<> size=5 SMTPUTF8 X-1=ä!<>~")
    assert {"SIZE": "5", "SMTPUTF8": None, "X-1": "ä!<>~"} == path.parameters


@pytest.mark.parametrize(
    "text", ["SIZE=", "=5", "-A=1", "A  B", "A=b=c", "A=1 a=2", "A=\x7f", "A_B"]
)
def test_what_is_no_parameter_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        forward_path(f"TO:<ada@example.org> {text}")
    assert (501, "5.5.4") == (caught.value.code, caught.value.enhanced)


@pytest.mark.parametrize("name", ["a" * 256, "", "a b", "a\n"])
def test_what_is_no_host(name: str) -> None:
    assert not is_host(name)


def test_xtext() -> None:
    assert "a+b=c d" == xtext("a+2Bb+3Dc+20d")


@pytest.mark.parametrize("text", ["+", "+2", "+2b", "a b", "a=b", "ä"])
def test_what_is_no_xtext(text: str) -> None:
    with pytest.raises(Refused, match="xtext"):
        xtext(text)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("SIZE=0", {"size": 0}),
        ("SIZE=99999999999999999999", {"size": 10**20 - 1}),
        ("BODY=8bitmime", {"body": "8BITMIME"}),
        ("SMTPUTF8", {"utf8": True}),
        ("REQUIRETLS", {"require_tls": True}),
        ("RET=full", {"return_": "FULL"}),
        ("ENVID=+41", {"envelope_id": "A"}),
        ("AUTH=<>", {"submitter": ""}),
        ("AUTH=ada@example.org", {"submitter": "ada@example.org"}),
    ],
)
def test_a_parameter_of_mail(word: str, expected: dict[str, object]) -> None:
    path = reverse_path(f"FROM:<> {word}")
    assert expected == parameters.read(path.parameters, parameters.MAIL, lambda _: True)


@pytest.mark.parametrize(
    "word",
    [
        *("SIZE", "SIZE=x", "SIZE=-1", "SIZE=٣", f"SIZE={10**20}"),
        *("BODY", "BODY=9BIT", "SMTPUTF8=1", "REQUIRETLS=yes"),
        *("RET", "RET=ALL", "ENVID", f"ENVID={'x' * 101}", "ENVID=+4", "AUTH", "AUTH=+zz"),
    ],
)
def test_a_value_that_does_not_fit_mail(word: str) -> None:
    path = reverse_path(f"FROM:<> {word}")
    with pytest.raises(Refused) as caught:
        parameters.read(path.parameters, parameters.MAIL, lambda _: True)
    assert (501, "5.5.4") == (caught.value.code, caught.value.enhanced)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("NOTIFY=never", {"notify": ("NEVER",)}),
        ("NOTIFY=FAILURE,delay,SUCCESS", {"notify": ("FAILURE", "DELAY", "SUCCESS")}),
        ("ORCPT=rfc822;a+2Bb@c", {"original": "rfc822;a+b@c"}),
        ("ORCPT=utf-8;zoë@c", {"original": "utf-8;zoë@c"}),
        ("ORCPT=utf-8;zo\\x{EB}@c", {"original": "utf-8;zo\\x{EB}@c"}),
    ],
)
def test_a_parameter_of_rcpt(word: str, expected: dict[str, object]) -> None:
    path = forward_path(f"TO:<ada@example.org> {word}")
    assert expected == parameters.read(path.parameters, parameters.RCPT, lambda _: True)


@pytest.mark.parametrize(
    "word",
    [
        *("NOTIFY", "NOTIFY=", "NOTIFY=NEVER,DELAY", "NOTIFY=DELAY,DELAY", "NOTIFY=DELAY,"),
        *("ORCPT", "ORCPT=rfc822", "ORCPT=;a", "ORCPT=rfc822;", "ORCPT=rfc822;ä"),
        f"ORCPT=rfc822;{'x' * 501}",
    ],
)
def test_a_value_that_does_not_fit_rcpt(word: str) -> None:
    with pytest.raises(Refused) as caught:
        parameters.read(
            forward_path(f"TO:<ada@example.org> {word}").parameters,
            parameters.RCPT,
            lambda _: True,
        )
    assert (501, "5.5.4") == (caught.value.code, caught.value.enhanced)
