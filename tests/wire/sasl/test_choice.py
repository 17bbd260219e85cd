from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courriel.wire.sasl.choice import Choice, Needs, Strength, choose
from courriel.wire.sasl.exchange import Credentials
from tests.wire.sasl.conversation import ALL, CANARY, Conversation, known

BOUND = known(server_end_point=b"hash")
TOKEN = known("ada", None, token="abc")


def names(
    offered: list[str],
    credentials: Credentials,
    *,
    secured: bool = True,
    allow_clear: bool = True,
    external: bool = False,
) -> list[str]:
    found = choose(
        offered, credentials, secured=secured, allow_clear=allow_clear, external=external
    )
    return [choice.name for choice in found]


def test_the_order_is_ours_and_not_the_servers() -> None:
    both = known(token="abc", server_end_point=b"hash")
    offered = [*ALL, "GSSAPI", "NTLM", "EXTERNAL", "ANONYMOUS"]
    for seed in range(10):
        random.Random(seed).shuffle(offered)
        assert ALL == names(offered, both)


def test_without_a_binding_plus_is_not_taken() -> None:
    expected = ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"]
    assert expected == names(ALL, known())


def test_with_a_token_alone_only_tokens_are_taken() -> None:
    assert ["OAUTHBEARER", "XOAUTH2"] == names(ALL, TOKEN)


def test_nothing_in_clear_unless_it_is_allowed() -> None:
    expected = ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"]
    assert expected == names(ALL, known(), secured=False, allow_clear=False)
    assert [] == names(ALL, TOKEN, secured=False, allow_clear=False)
    assert [] == names(["PLAIN", "LOGIN"], known(), secured=False, allow_clear=False)
    assert ["PLAIN", "LOGIN"] == names(["PLAIN", "LOGIN"], known(), secured=False)


def test_binding_to_tls_needs_tls() -> None:
    assert ["SCRAM-SHA-256", "SCRAM-SHA-1"] == names(ALL[:4], BOUND, secured=False)


def test_external_is_taken_first_when_there_is_a_certificate_and_tls() -> None:
    offered = ["PLAIN", "EXTERNAL"]
    assert ["EXTERNAL", "PLAIN"] == names(offered, known(), external=True)
    assert ["EXTERNAL"] == names(offered, known("ada", None), external=True)
    assert ["PLAIN"] == names(offered, known())
    assert ["PLAIN"] == names(offered, known(), secured=False, external=True)


def test_without_any_secret_there_is_nothing_to_choose() -> None:
    assert [] == names(ALL, known("ada", None))
    assert [] == names(ALL, known("ada", ""))


def test_a13_names_in_any_case_with_duplicates_and_the_old_prefix() -> None:
    offered = ["auth=plain", "Login", "LOGIN", "PLAIN", "GSSAPI", "GSSAPI", "", "AUTH="]
    assert ["PLAIN", "LOGIN"] == names(offered, known())


def test_a13_of_a_thousand_mechanisms_a_hundred_are_looked_at() -> None:
    assert ["PLAIN"] == names([*(f"X-{n}" for n in range(99)), "PLAIN"], known())
    assert [] == names([*(f"X-{n}" for n in range(100)), "PLAIN"], known())


def test_a13_an_endless_offer_ends() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "PLAIN"

    assert 1 == len(choose(endless(), known(), secured=True, allow_clear=True))


def test_a_letter_that_only_looks_right_in_upper_case_does_not_count() -> None:
    assert "PLAIN" == "pla\u0131n".upper()
    assert [] == names(["pla\u0131n"], known())


def test_the_exchange_knows_whether_binding_was_offered() -> None:
    offered, silent = (
        choose(mechanisms, BOUND, secured=True, allow_clear=False)
        for mechanisms in (ALL[:4], ["SCRAM-SHA-256"])
    )
    assert ["p=tls-server-end-point", "n", "p=tls-server-end-point", "n"] == [
        flag(choice) for choice in offered
    ]
    assert ["y"] == [flag(choice) for choice in silent]


def flag(choice: Choice) -> str:
    return (Conversation(choice.begin()).begin() or b"").partition(b",")[0].decode()


def test_an_offer_stripped_of_one_plus_does_not_hide_behind_another() -> None:
    found = choose(ALL[1:4], BOUND, secured=True, allow_clear=False)
    assert "SCRAM-SHA-256" == found[0].name
    assert "y" == flag(found[0])


def test_strength_and_what_is_shown_in_clear() -> None:
    found = choose(
        [*ALL, "EXTERNAL"],
        known(token="abc", server_end_point=b"hash"),
        secured=True,
        allow_clear=True,
        external=True,
    )
    assert {
        "EXTERNAL": (Needs.CERTIFICATE, Strength.BOUND, False),
        "SCRAM-SHA-256-PLUS": (Needs.PASSWORD, Strength.BOUND, False),
        "SCRAM-SHA-256": (Needs.PASSWORD, Strength.MUTUAL, False),
        "SCRAM-SHA-1-PLUS": (Needs.PASSWORD, Strength.BOUND, False),
        "SCRAM-SHA-1": (Needs.PASSWORD, Strength.MUTUAL, False),
        "OAUTHBEARER": (Needs.TOKEN, Strength.CLEAR, True),
        "XOAUTH2": (Needs.TOKEN, Strength.CLEAR, True),
        "CRAM-MD5": (Needs.PASSWORD, Strength.DIGEST, False),
        "PLAIN": (Needs.PASSWORD, Strength.CLEAR, True),
        "LOGIN": (Needs.PASSWORD, Strength.CLEAR, True),
    } == {choice.name: (choice.needs, choice.strength, choice.clear) for choice in found}


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        ("SCRAM-SHA-256-PLUS", ["SCRAM-SHA-1-PLUS"]),
        ("SCRAM-SHA-256", ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"]),
        ("OAUTHBEARER", ["XOAUTH2"]),
        ("XOAUTH2", ["OAUTHBEARER"]),
        ("CRAM-MD5", ALL[:4]),
        ("PLAIN", [*ALL[:4], "CRAM-MD5", "LOGIN"]),
    ],
)
def test_no_silent_downgrade(refused: str, expected: list[str]) -> None:
    found = choose(
        ALL,
        known(token="abc", server_end_point=b"hash"),
        secured=True,
        allow_clear=True,
    )
    (first,) = [choice for choice in found if choice.name == refused]
    assert expected == [choice.name for choice in found if choice.may_follow(first)]


def test_a_choice_does_not_show_the_credentials() -> None:
    (choice,) = choose(["PLAIN"], known("ada", CANARY), secured=True, allow_clear=True)
    assert CANARY not in repr(choice)
    assert b"\0ada\0" + CANARY.encode() == Conversation(choice.begin()).begin()


@given(st.lists(st.text() | st.sampled_from(ALL)), st.booleans(), st.booleans())
def test_law_what_is_chosen_was_offered_and_is_fit_for_the_line(
    offered: list[str], secured: bool, allow_clear: bool
) -> None:
    found = choose(
        offered,
        known(token="abc", server_end_point=b"hash"),
        secured=secured,
        allow_clear=allow_clear,
    )
    order = [choice.name for choice in found]
    assert sorted(order, key=ALL.index) == order
    assert len(set(order)) == len(order)
    assert set(order) <= {name.upper().removeprefix("AUTH=") for name in offered}
    assert allow_clear or not any(choice.clear for choice in found)
