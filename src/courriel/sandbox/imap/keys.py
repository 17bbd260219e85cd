"""Read search keys, and make of each a test that a message passes or not (RFC 3501, 6.4.4).

::

    search-key = "ALL" / "ANSWERED" / … / "OR" SP search-key SP search-key / "NOT" SP search-key /
                 sequence-set / "(" search-key *(SP search-key) ")"

A key is a line in one of the tables: those without an argument in ``_PLAIN``, those with one in
``_WITH``, where the function reads the argument and returns the test. The reading calls itself for
keys within keys, as deep as the policy allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from courriel.sandbox.imap.arguments import Arguments
from courriel.sandbox.imap.conversation import Conversation
from courriel.sandbox.imap.replies import bad
from courriel.sandbox.imap.texts import body_text, field_text, header_text, sent_on
from courriel.sandbox.imap.view import View
from courriel.sandbox.stored import Entry

__all__ = ["Test", "read_keys"]

Test: TypeAlias = Callable[[Entry], bool]

_WORD = re.compile(rb"[A-Za-z]+")
_SET = re.compile(rb"[0-9*]")


@dataclass(frozen=True, slots=True)
class _Reader:
    """What reading a key needs: the arguments, the charset, and the mailbox."""

    conversation: Conversation
    arguments: Arguments
    charset: str
    view: View

    def text(self) -> str:
        """Take a string, to be found in any case."""
        self.arguments.space()
        octets = self.arguments.astring()
        try:
            return octets.decode(self.charset).casefold()
        except UnicodeDecodeError:
            raise bad("A string is not in the charset that was named") from None

    def number(self) -> int:
        """Take a number behind a space."""
        self.arguments.space()
        return self.arguments.number()

    def date(self) -> date:
        """Take a date behind a space."""
        self.arguments.space()
        return self.arguments.date()


def read_keys(conversation: Conversation, arguments: Arguments, charset: str, view: View) -> Test:
    """Take search keys up to the end; the test is passed by what passes all of them."""
    reader = _Reader(conversation, arguments, charset, view)
    tests = [_key(reader, 0)]
    while not arguments.at_end():
        arguments.space()
        tests.append(_key(reader, 0))
    return _all(tests)


def _key(reader: _Reader, depth: int) -> Test:
    arguments = reader.arguments
    if depth > reader.conversation.policy.search_depth:
        raise bad("The search keys are nested too deeply")
    if arguments.skip(b"("):
        tests = [_key(reader, depth + 1)]
        while not arguments.skip(b")"):
            arguments.space()
            tests.append(_key(reader, depth + 1))
        return _all(tests)
    if _SET.match(arguments.rest):
        return _numbered(reader, by_uid=False)
    word = arguments.matching(_WORD).decode("ascii").upper()
    if word == "NOT":
        arguments.space()
        test = _key(reader, depth + 1)
        return lambda entry: not test(entry)
    if word == "OR":
        arguments.space()
        one = _key(reader, depth + 1)
        arguments.space()
        other = _key(reader, depth + 1)
        return lambda entry: one(entry) or other(entry)
    if word in _PLAIN:
        return _PLAIN[word](reader.view)
    read = _WITH.get(word)
    if read is None:
        raise bad("There is no such search key")
    return read(reader)


def _all(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda entry: all(test(entry) for test in tests)


def _numbered(reader: _Reader, *, by_uid: bool) -> Test:
    if by_uid:
        reader.arguments.space()
    numbers = reader.arguments.sequence_set()
    chosen = {entry.id for _, entry in reader.view.chosen(numbers, by_uid=by_uid)}
    return lambda entry: entry.id in chosen


def _has(flag: str, *, wanted: bool = True) -> Callable[[View], Test]:
    return lambda view: lambda entry: (flag in entry.flags) is wanted


_PLAIN: Mapping[str, Callable[[View], Test]] = {
    "ALL": lambda view: lambda entry: True,
    "ANSWERED": _has("\\Answered"),
    "DELETED": _has("\\Deleted"),
    "DRAFT": _has("\\Draft"),
    "FLAGGED": _has("\\Flagged"),
    "NEW": lambda view: lambda entry: view.recent(entry.id) and not entry.seen,
    "OLD": lambda view: lambda entry: not view.recent(entry.id),
    "RECENT": lambda view: lambda entry: view.recent(entry.id),
    "SEEN": _has("\\Seen"),
    "UNANSWERED": _has("\\Answered", wanted=False),
    "UNDELETED": _has("\\Deleted", wanted=False),
    "UNDRAFT": _has("\\Draft", wanted=False),
    "UNFLAGGED": _has("\\Flagged", wanted=False),
    "UNSEEN": _has("\\Seen", wanted=False),
}


def _keyword(reader: _Reader, *, wanted: bool) -> Test:
    reader.arguments.space()
    keyword = reader.arguments.atom().decode("ascii").lower()
    return lambda entry: any(flag.lower() == keyword for flag in entry.flags) is wanted


def _field(name: str) -> Callable[[_Reader], Test]:
    def read(reader: _Reader) -> Test:
        text = reader.text()
        return lambda entry: text in (field_text(entry.message, name) or "")

    return read


def _header(reader: _Reader) -> Test:
    reader.arguments.space()
    name = reader.arguments.astring().decode("ascii", "replace").lower()
    text = reader.text()

    def test(entry: Entry) -> bool:
        value = field_text(entry.message, name)
        return value is not None and text in value

    return test


def _body(reader: _Reader) -> Test:
    text = reader.text()
    return lambda entry: text in body_text(entry.message)


def _text(reader: _Reader) -> Test:
    text = reader.text()
    return lambda entry: text in header_text(entry.message) or text in body_text(entry.message)


def _received(compare: Callable[[date, date], bool]) -> Callable[[_Reader], Test]:
    def read(reader: _Reader) -> Test:
        day = reader.date()
        return lambda entry: compare(entry.message.arrived.date(), day)

    return read


def _sent(compare: Callable[[date, date], bool]) -> Callable[[_Reader], Test]:
    def read(reader: _Reader) -> Test:
        day = reader.date()

        def test(entry: Entry) -> bool:
            sent = sent_on(entry.message)
            return sent is not None and compare(sent, day)

        return test

    return read


def _size(compare: Callable[[int, int], bool]) -> Callable[[_Reader], Test]:
    def read(reader: _Reader) -> Test:
        octets = reader.number()
        return lambda entry: compare(len(entry.message.content), octets)

    return read


def _within(*, younger: bool) -> Callable[[_Reader], Test]:
    """YOUNGER and OLDER (RFC 5032, 3), in seconds."""

    def read(reader: _Reader) -> Test:
        if not reader.conversation.has("WITHIN"):
            raise bad("WITHIN is not offered")
        seconds = reader.number()
        try:
            moment = datetime.now(UTC) - timedelta(seconds=seconds)
        except OverflowError:
            moment = datetime.min.replace(tzinfo=UTC)
        return lambda entry: (entry.message.arrived >= moment) is younger

    return read


def _modseq(reader: _Reader) -> Test:
    """MODSEQ (RFC 7162, 3.1.5), with or without the name of an entry, which says nothing here."""
    arguments = reader.arguments
    if not reader.conversation.has("CONDSTORE"):
        raise bad("CONDSTORE is not offered")
    reader.conversation.enabled.add("CONDSTORE")
    arguments.space()
    if arguments.peek(b'"'):
        arguments.string()
        arguments.space()
        if arguments.word() not in ("ALL", "PRIV", "SHARED"):
            raise bad("MODSEQ wants all, priv or shared behind the entry's name")
        arguments.space()
    least = arguments.number()
    return lambda entry: entry.modseq >= least


_WITH: Mapping[str, Callable[[_Reader], Test]] = {
    "BCC": _field("bcc"),
    "BEFORE": _received(lambda moment, day: moment < day),
    "BODY": _body,
    "CC": _field("cc"),
    "FROM": _field("from"),
    "HEADER": _header,
    "KEYWORD": lambda reader: _keyword(reader, wanted=True),
    "LARGER": _size(lambda octets, bound: octets > bound),
    "MODSEQ": _modseq,
    "OLDER": _within(younger=False),
    "ON": _received(lambda moment, day: moment == day),
    "SENTBEFORE": _sent(lambda moment, day: moment < day),
    "SENTON": _sent(lambda moment, day: moment == day),
    "SENTSINCE": _sent(lambda moment, day: moment >= day),
    "SINCE": _received(lambda moment, day: moment >= day),
    "SMALLER": _size(lambda octets, bound: octets < bound),
    "SUBJECT": _field("subject"),
    "TEXT": _text,
    "TO": _field("to"),
    "UID": lambda reader: _numbered(reader, by_uid=True),
    "UNKEYWORD": lambda reader: _keyword(reader, wanted=False),
    "YOUNGER": _within(younger=True),
}
