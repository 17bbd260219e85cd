"""An address is exactly one address, or it is refused."""

from __future__ import annotations

import contextlib
import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.errors import Misused
from courriel.model.address import Address, addresses, check_path
from tests.toil import linear

# Any character that may stand in a header: no controls, no surrogates, no line separators.
NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60).filter(
    lambda name: name == name.strip()
)


def test_an_address_is_read_from_what_people_write() -> None:
    ada = Address("Ada Lovelace", "ada@example.org")
    assert ada == Address.of("Ada Lovelace <ada@example.org>")
    assert ada == Address.of('"Ada Lovelace" <ada@example.org>')
    assert ada == Address.of(("Ada Lovelace", "ada@example.org"))
    assert ada == Address.of(ada)
    assert Address("", "ada@example.org") == Address.of(" ada@example.org ")
    assert Address("", "ada@example.org") == Address.of("<ada@example.org>")


def test_a_comment_becomes_part_of_the_name_and_is_not_lost() -> None:
    assert Address("(Ada)", "ada@example.org") == Address.of("ada@example.org (Ada)")
    assert "Ada (at (home))" == Address.of("Ada (at (home)) <ada@example.org>").name
    assert "J. R. Tolkien" == Address.of("J. R. Tolkien <jrrt@example.org>").name


def test_local_part_and_domain_are_as_written() -> None:
    address = Address("", '"a@b c"@Example.ORG')
    assert '"a@b c"' == address.local
    assert "Example.ORG" == address.domain
    assert '"a@b c"@Example.ORG' == address.wire


@pytest.mark.parametrize(
    "text",
    [
        "Spoofed <spoofed@example.com> <legit@example.com>",
        "alice@example.org)bob@example.com",
        "alice@example.org(bob@example.com",
        "(a@b",
        "alice@example.org <bob@example.com>",
        "a@b@c",
        "a@x, b@y",
        "friends: a@x, b@x;",
        "<@relay:a@x>",
        "Ada <ada@example.org",
        "ada@example.org>",
        "boss@example.com <evil@example.net>",
        "Lovelace, Ada <ada@example.org>",
        "a b@example.org",
        "a@ example.org",
        "a..b@example.org",
        ".a@example.org",
        "a.@example.org",
        "a@example..org",
        "a@example.org.",
        "@example.org",
        "a@",
        "ada",
        "",
        "<>",
        "a@[1.2.3.4",
        "a@[999.2.3.4]",
        "a@[IPv6:xyz]",
        "a@exa\u3000mple.org",
        "a@example\uff20evil.org",
        "a@exam\u200dple.org",
        "\x85a@example.org",
    ],
)
def test_i10_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(Misused) as caught:
        Address.of(text)
    assert caught.value.hint


def test_i10_groups_never_nest() -> None:
    assert 2 == len(addresses("friends: a@x.org, B <b@x.org>;"))
    assert () == addresses("undisclosed-recipients:;")
    for text in ("g: h: a@x;;", "g: a@x", "g: a@x; b@y", ": a@x;", "a@x;", "g:" * 10_000 + "a@x"):
        with pytest.raises(Misused):
            addresses(text)


def test_i10_an_address_in_quotes_is_only_a_name() -> None:
    assert Address("legit@example.com", "evil@example.net") == Address.of(
        '"legit@example.com" <evil@example.net>'
    )
    assert "internal" == Address("", '"x@evil.com y"@internal').domain


def test_i01_no_line_end_hides_in_a_quoted_local_part(breaker: str) -> None:
    address = f'"{breaker}"@example.org'
    for attempt in (
        lambda: Address("", address),
        lambda: Address.of(address),
        lambda: Address.of(("Ada", address)),
        lambda: check_path(address),
        lambda: check_path(address, reverse=True),
        lambda: addresses([address]),
    ):
        with pytest.raises(Misused):
            attempt()


def test_i02_no_line_end_in_a_name(breaker: str) -> None:
    with pytest.raises(Misused, match=r"name holds|address holds"):
        Address(breaker, "ada@example.org")
    with pytest.raises(Misused):
        Address.of(f'"{breaker}" <ada@example.org>')


def test_what_was_read_is_checked_before_it_is_used() -> None:
    broken = Address.as_read("Ada\r\nBcc: x", "not an address\n")
    assert "Ada  Bcc: x" == broken.name
    assert "not an address" == broken.address
    with pytest.raises(Misused):
        Address.of(broken)
    with pytest.raises(Misused):
        broken.wire  # noqa: B018 - The property raises.


def test_a_domain_in_unicode_goes_out_in_a_labels() -> None:
    assert "ada@xn--bcher-kva.example" == Address("", "ada@bücher.example").wire
    assert "ada@xn--fa-hia.de" == Address("", "ada@faß.de").wire
    assert "info@xn--c2br7g.xn--h2brj9c" == Address("", "info@नेट.भारत").wire
    assert not Address("", "ada@bücher.example").needs_utf8


def test_a_local_part_in_unicode_needs_smtputf8_and_is_not_touched() -> None:
    address = Address("", "ädä@bücher.example")
    assert "ädä@xn--bcher-kva.example" == address.wire
    assert address.needs_utf8


def test_address_literals() -> None:
    for literal in ("[192.0.2.1]", "[IPv6:::1]", "[IPv6:2001:db8::1]", "[x-net:abc]"):
        assert f"a@{literal}" == check_path(f"a@{literal}")


def test_lists_and_pairs() -> None:
    assert ("a@x", "b@y") == tuple(a.address for a in addresses("A <a@x>, b@y,"))
    assert ("a@x", "b@y") == tuple(a.address for a in addresses(["a@x", ("B", "b@y")]))
    assert ("a@x", "b@y") == tuple(a.address for a in addresses(("a@x", "b@y")))
    assert (Address("Ada @ work", "b@y"),) == addresses(("Ada @ work", "b@y"))
    assert (Address("Lovelace, Ada", "a@x"),) == addresses(('"Lovelace, Ada" <a@x>',))
    assert () == addresses(None) == addresses("") == addresses([])
    for wrong in (b"a@x", 5, [5], [b"a@x"], ["a@x, b@y"], ("Ada", "Bob", "a@x"), [None]):
        with pytest.raises(Misused):
            addresses(wrong)  # type: ignore[arg-type]  # What callers do all the same.


def test_paths() -> None:
    assert "ada@example.org" == check_path("ada@example.org")
    assert "" == check_path("", reverse=True)
    assert "postmaster" == check_path("postmaster")
    longest = "a@" + ".".join(["b" * 62] * 4) + "b"
    assert longest == check_path(longest)
    for text, reverse in (
        ("", False),
        ("postmaster", True),
        ("Ada <ada@example.org>", False),
        ("<ada@example.org>", False),
        (longest + "b", False),
        ("x" * 255, False),
        ("ä" * 130 + "@x", False),
    ):
        with pytest.raises(Misused):
            check_path(text, reverse=reverse)


@given(NAMES)
def test_law_an_address_reads_back_from_its_text(name: str) -> None:
    address = Address(name, "ada@example.org")
    assert address == Address.of(str(address))


@given(st.text())
def test_law_any_text_is_one_address_or_misused(text: str) -> None:
    try:
        address = Address.of(text)
    except Misused:
        return
    assert address.address in text
    assert address.wire == Address.of(address.wire).wire
    assert not set(address.wire) & set("\r\n\x00")


@given(st.text(alphabet='a@.,:;<>()[]"\\ é\n'))
@settings(max_examples=500)
def test_law_specials_never_crash_the_reader(text: str) -> None:
    try:
        found = addresses(text)
    except Misused:
        return
    assert all(address.wire for address in found)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 300_000,
        "()" * 150_000,
        '"' * 300_000,
        "a." * 150_000,
        "a" * 300_000 + "@",
        "<a@" * 100_000,
        "a@x," * 20_000,
        "(c)" * 50_000 + "a " * 50_000,
        "g:" * 150_000,
        '"\\' * 150_000,
        "@" * 300_000,
        "a@" + "é" * 300_000,
    ],
    ids=lambda text: ascii(text[:6]),
)
def test_hostile_lists_take_linear_time(text: str) -> None:
    with linear(), contextlib.suppress(Misused):
        addresses(text)


def test_the_error_of_a_hostile_list_is_short() -> None:
    with pytest.raises(Misused) as caught:
        Address.of("(" * 300_000)
    assert 300 > len(str(caught.value))


def test_an_address_is_a_value() -> None:
    ada = Address("Ada", "ada@example.org")
    assert ada == pickle.loads(pickle.dumps(ada)) == copy.deepcopy(ada)
    assert 1 == len({ada, Address("Ada", "ada@example.org")})
