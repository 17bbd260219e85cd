"""Who lives at which address, and which secrets sign in."""

from __future__ import annotations

import pytest

from courriel.errors import Misused
from courriel.sandbox.accounts import Accounts

USERS = {"ada": "secret", "Grace@navy.example": "cobol", "a+b": "x", "zoë": "y"}


@pytest.mark.parametrize(
    ("address", "user"),
    [
        ("ada", "ada"),
        ("ada@example.org", "ada"),
        ("ADA@anywhere.example", "ada"),
        ("ada+lists@example.org", "ada"),
        ('"ada"@example.org', "ada"),
        ('"a\\da"@example.org', "ada"),
        ("a+b@example.org", "a+b"),
        ("grace@NAVY.example", "Grace@navy.example"),
        ("zoe\u0308@example.org", "zoë"),
        ("ZOË@example.org", "zoë"),
        ("postmaster", "ada"),
        ("Postmaster@example.org", "ada"),
        ("grace@army.example", None),
        ("eve@example.org", None),
        ("adalovelace@example.org", None),
        ("", None),
    ],
)
def test_where_an_address_leads(address: str, user: str | None) -> None:
    assert user == Accounts(USERS).resolve(address)


def test_a_catch_all_gets_the_rest() -> None:
    accounts = Accounts(USERS, catch_all="zoë")
    assert "zoë" == accounts.resolve("eve@example.org")
    assert "ada" == accounts.resolve("ada@example.org")
    assert None is accounts.check_password("eve", "y")


def test_postmaster_may_be_a_user() -> None:
    assert "postmaster" == Accounts({"ada": "a", "postmaster": "b"}).resolve(
        "postmaster@example.org"
    )


def test_a_house_without_users() -> None:
    accounts = Accounts({})
    assert None is accounts.resolve("postmaster")
    assert () == accounts.users


def test_passwords() -> None:
    accounts = Accounts(USERS)
    assert "ada" == accounts.check_password("Ada@example.org", "secret")
    assert None is accounts.check_password("ada", "Secret")
    assert None is accounts.check_password("ada", "")
    assert None is accounts.check_password("eve", "secret")


def test_tokens() -> None:
    accounts = Accounts(USERS, tokens={"ada": "t1"})
    assert "ada" == accounts.check_token("ada", "t1")
    assert "ada" == accounts.check_token("", "t1")
    assert None is accounts.check_token("ada", "secret")
    assert None is accounts.check_token("eve", "t1")
    assert "zoë" == accounts.check_token("zoë", "y")
    assert None is accounts.check_token("", "t2")


@pytest.mark.parametrize(
    ("users", "options"),
    [
        ({"": "x"}, {}),
        ({"ada lovelace": "x"}, {}),
        ({"ada": "x", "ADA": "y"}, {}),
        ({"ada": ""}, {}),
        ({"ada": "a\r\nb"}, {}),
        ({"ada": "x"}, {"tokens": {"eve": "t"}}),
        ({"ada": "x"}, {"catch_all": "eve"}),
    ],
)
def test_what_cannot_be(users: dict[str, str], options: dict[str, object]) -> None:
    with pytest.raises(Misused):
        Accounts(users, **options)  # type: ignore[arg-type]  # Some are wrong on purpose.
