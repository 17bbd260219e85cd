"""The cases of the attack catalogue that meet the parser, each under its name there."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from courriel.errors import Garbled
from courriel.model.limits import Limits
from courriel.model.uids import UidSet
from courriel.wire.imap.answers import (
    Code,
    Condition,
    Copied,
    Exists,
    Found,
    Listed,
    Tagged,
    Threads,
    Unknown,
    Vanished,
)
from courriel.wire.imap.fetched import Fetched
from courriel.wire.imap.frames import Frame
from courriel.wire.imap.parse import parse

ALL = 4_294_967_295


def read(text: bytes, *literals: bytes, limits: Limits | None = None) -> object:
    return parse(Frame(text, literals), limits or Limits())


def fetched(text: bytes, *literals: bytes, limits: Limits | None = None) -> Fetched:
    answer = read(b"* 1 FETCH " + text, *literals, limits=limits)
    assert isinstance(answer, Fetched)
    return answer


def seconds(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


@pytest.mark.parametrize(
    "marker", [b"{18446744073709551616}", b"{-1}", b"{}", b"{1+}", b"{" + b"9" * 1_000_000 + b"}"]
)
def test_h02_a_marker_that_counts_no_literal_is_garbled(marker: bytes) -> None:
    with pytest.raises(Garbled):
        read(b"* 1 FETCH (BODY[] " + marker + b")", b"a")


def test_h02_a_marker_with_a_zero_in_front_counts_in_tens() -> None:
    assert b"twelve bytes" == fetched(b"(BODY[] {012})", b"twelve bytes").sections[""]
    assert b"12345" == fetched(b"(BINARY[1] ~{5})", b"12345").sections["BINARY:1"]


def test_h02_a_long_literal_is_no_token() -> None:
    with pytest.raises(Garbled, match="4096"):
        read(b'* LIST () "/" {5000}', b"x" * 5000)
    assert isinstance(read(b'* LIST () "/" {4096}', b"x" * 4096), Listed)
    # The header of a message may be longer.
    assert 5000 == len(
        fetched(b"(ENVELOPE (NIL {5000} NIL NIL NIL NIL NIL NIL NIL NIL))", b"x" * 5000)
        .read_envelope()
        .subject
    )


def test_h04_many_literals_take_linear_time() -> None:
    def of(number: int) -> Callable[[], object]:
        text = b"* 1 FETCH (X (" + b"{1}" * number + b"))"
        frame = Frame(text, (b"a",) * number)
        return lambda: parse(frame, Limits())

    assert seconds(of(50_000)) < 2


def test_h05_sets_of_everything_stay_ranges() -> None:
    copied = Code("COPYUID", Copied(1, ((1, ALL),), ((1, ALL),)))
    assert Condition("OK", copied, "") == read(b"* OK [COPYUID 1 1:4294967295 1:4294967295]")
    assert ALL == copied.value.target_of(ALL)
    assert Vanished(False, UidSet(((1, ALL),))) == read(b"* VANISHED 1:4294967295")
    found = read(b"* ESEARCH ALL 1:4294967295")
    assert isinstance(found, Found)
    assert ALL == len(found.numbers)


def test_h05_a_search_of_many_numbers_is_one_range() -> None:
    text = b"* SEARCH " + b" ".join(b"%d" % number for number in range(1, 200_001))
    assert Found("SEARCH", numbers=UidSet(((1, 200_000),))) == read(text)


@pytest.mark.parametrize("opener", [b"(", b'("a" ', b"((", b"(NIL "])
def test_h06_a_structure_nested_without_end(opener: bytes) -> None:
    for closer in (b"", b")" * 100_000 * opener.count(b"(")):
        answer = fetched(b"(UID 5 BODYSTRUCTURE " + opener * 100_000 + closer + b")")
        assert 5 == answer.uid
        assert len(answer.read_structure()) <= 101
        assert answer.defects


def test_h06_messages_inside_messages_stop_at_the_bound() -> None:
    envelope = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
    text = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 ' + envelope + b" "
    answer = fetched(
        b"(BODYSTRUCTURE "
        + text * 1_000
        + b'("A" "B" NIL NIL NIL "7BIT" 9)'
        + b" 1)" * 1_000
        + b")"
    )
    parts = answer.read_structure()
    assert 101 == len(parts)
    assert ".".join("1" * 101) == parts[-1].path
    assert ("parts nested deeper than 100",) == answer.defects


def test_h06_more_parts_than_anybody_sends() -> None:
    leaf = b'("A" "B" NIL NIL NIL "7BIT" 9)'
    answer = fetched(b"(BODYSTRUCTURE (" + leaf * 10_001 + b' "MIXED"))')
    assert 10_000 == len(answer.read_structure())
    assert ("more than 10000 parts",) == answer.defects


@pytest.mark.parametrize("space", [b"", b"  "])
def test_h06_an_envelope_of_a_hundred_thousand_addresses(space: bytes) -> None:
    people = b"(" + b'(NIL NIL "a" "b.org")' * 100_000 + b")"
    text = b"(ENVELOPE (NIL NIL " + space + people + b" NIL NIL NIL NIL NIL NIL NIL))"
    answer = fetched(text)
    assert 10_000 == len(answer.read_envelope().authors)
    assert ("more than 10000 addresses",) == answer.defects


def test_h06_threads_of_any_depth() -> None:
    chain = b" ".join(b"%d" % number for number in range(1, 100_001))
    threads = read(b"* THREAD (" + chain + b")")
    assert isinstance(threads, Threads)
    assert (100_000, 99_999) == threads.members[-1]
    nested = read(b"* THREAD " + b"(1 " * 100_000 + b"2" + b")" * 100_000)
    assert isinstance(nested, Threads)
    assert (2, 100_000) == nested.members[-1]


def test_h06_values_nested_without_end_in_other_answers() -> None:
    for text in (b"* NAMESPACE ", b"* ID ", b"* 1 FETCH (X "):
        with pytest.raises(Garbled):
            read(text + b"(" * 100_000)
    read(b"* NAMESPACE " + b"(" * 100_000 + b")" * 100_000)


def test_h07_untagged_answers_that_nobody_knows() -> None:
    for text in (b"* 99 NOOP", b"* XYZZY 1 2", b"* 7 STORE (FLAGS)", b"* !"):
        assert Unknown(text) == read(text)


@pytest.mark.parametrize("tag", [b"A1", b"a.b-1", b"1"])
def test_h07_a_tag_is_given_back_as_it_came(tag: bytes) -> None:
    assert Tagged(tag, "OK", None, "done") == read(tag + b" OK done")


def test_h09_octets_that_do_not_belong() -> None:
    assert Exists(5) == read(b"* 5 EXISTS ")
    assert Exists(5) == read(b"*  5  EXISTS")
    assert Condition("OK", None, "a\ufffdb\ufffdc") == read(b"* OK a\x00b\x1bc")
    listed = read(b'* LIST () "/" "a\x00\r\nb"')
    assert isinstance(listed, Listed)
    assert b"a\x00\r\nb" == listed.raw
    assert frozenset({"f\xe4hig"}) == fetched(b"(FLAGS (f\xe4hig))").flags
    for text in (b"", b" ", b"\r", b"\x00", b"OK x", b"\xff"):
        with pytest.raises(Garbled):
            read(text)


def test_h15_numbers_that_mean_nothing() -> None:
    assert fetched(b"(UID 5 MODSEQ (-1))").modseq is None
    assert fetched(b"(UID 5 RFC822.SIZE -1)").size is None
    assert 0 == fetched(b"(UID 0)").uid
    # A message that does not exist is for those who know which do.
    assert 4_000_000_000 == read_number(b"* 4000000000 FETCH (UID 5)")
    with pytest.raises(Garbled):
        read(b"* 5 FETCH (RFC822.SIZE 99999999999999999999 UID 99999999999999999999)")


def read_number(text: bytes) -> int:
    answer = read(text)
    assert isinstance(answer, Fetched)
    return answer.number


@pytest.mark.parametrize(
    "raw",
    [b"&AGE", b"&AGE-", b"a&", b"&2AA-", b"../../x", b"INBOX/INBOX", b"a\r\nb", b"\xff\xfe", b"\\"],
)
def test_h16_any_name_can_be_used_again(raw: bytes) -> None:
    listed = read(b'* LIST () "/" {%d}' % len(raw), raw)
    assert isinstance(listed, Listed)
    assert raw == listed.raw
    assert listed.name


def test_h17_sections_that_nobody_asked_for_are_kept_apart() -> None:
    answer = fetched(
        b"(UID 9 BODY[1] {1} BODY[2] {1} BODY[1] {1} BODY[9.9.MIME] {1})", b"a", b"b", b"c", b"d"
    )
    assert {"1": b"c", "2": b"b", "9.9.MIME": b"d"} == answer.sections


@pytest.mark.parametrize(
    "text",
    [
        b"* 1 FETCH (ENVELOPE (" + b'"' * 200_001,
        b"* 1 FETCH (ENVELOPE " + b'("a" ' * 50_000,
        b"* 1 FETCH (FLAGS (" + b"\\" * 200_000,
        b"* 1 FETCH (BODY[" + b"(" * 200_000,
        b"* 1 FETCH (" + b" " * 200_000,
        b"* OK [PERMANENTFLAGS (" + b"a " * 100_000,
        b'* LIST () "/" ' + b"a (" * 70_000,
        b"* STATUS " + b"a (" * 70_000,
        b"* STATUS " + b" " * 200_000 + b"x",
        b"* ESEARCH " + b"(" * 200_000,
        b"* SEARCH " + b"1 " * 100_000 + b"x",
        b"A" * 200_000,
        b"* OK " + b" " * 200_000 + b"x",
    ],
)  # fmt: skip
def test_nothing_takes_more_than_linear_time(text: bytes) -> None:
    def call() -> None:
        try:
            answer = read(text)
        except Garbled:
            return
        if isinstance(answer, Fetched):
            answer.read_envelope()
            answer.read_structure()

    assert seconds(call) < 2
