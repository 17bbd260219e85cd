"""Verify the DKIM signatures of a message (RFC 6376, 6.1).

Nothing raises on any octets: what is wrong with a signature is its result. The body is brought into
each form once and a key is asked for once, however many signatures there are; their number, the
header and each field are bounded, and time is linear.

Only the order of the checks lives here.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest

import courriel.crypto.dkim.canonical as canonical
import courriel.crypto.dkim.primitives as primitives
import courriel.crypto.dkim.signature as signature
import courriel.crypto.dkim.tags as tags
from courriel.crypto.dkim.dns import DnsResolver, Resolver
from courriel.crypto.dkim.records import KeyRecord, key_record
from courriel.crypto.dkim.results import DkimResult, DkimStatus
from courriel.crypto.dkim.signature import Signature
from courriel.crypto.dkim.split import Field, Letter, letter
from courriel.errors import Misused
from courriel.model.characters import scrubbed
from courriel.model.email import Email
from courriel.model.limits import Limits

__all__ = ["verify"]

_OPERATION = "verify"
_NAME = "dkim-signature"
_SKEW = 24 * 3600
"""Seconds that the clock of a signer may be ahead."""
_LATEST = 253_402_300_799
_ONCE = (
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id"),
    *("in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding"),
)
"""Fields that come once (RFC 5322, 3.6): of two, a program may show the one that nobody signed."""


class _Unknown(Exception):
    """The key could not be asked for."""


def verify(
    source: bytes | Email,
    *,
    resolver: Resolver | None = None,
    limits: Limits | None = None,
    now: float | None = None,
) -> tuple[DkimResult, ...]:
    """Return one result for each DKIM signature of a message, from the top; empty for none.

    ``resolver`` takes a domain name and returns its TXT records; the DNS is
    asked by ``DnsResolver()`` when None, and this call waits for it. ``now``
    is the time to judge by, in seconds since 1970. Raises Misused only when
    ``source`` is no message, or dnspython is needed and missing.
    """
    if isinstance(source, Email):
        source = source.source
    elif not isinstance(source, (bytes, bytearray, memoryview)):
        raise Misused(
            f"a message is an Email or bytes, not {type(source).__name__}", operation=_OPERATION
        )
    bounds = limits or Limits()
    cut = letter(bytes(source), most=bounds.dkim_header)
    if cut.fault:
        return _untrusted(bytes(source), cut.fault)
    judge = _Judge(cut, resolver or DnsResolver(), bounds, time.time() if now is None else now)
    return tuple(judge.results())


def _untrusted(source: bytes, fault: str) -> tuple[DkimResult, ...]:
    # A signature there would have said something; without one there is nothing to say.
    if _NAME.encode() not in source.lower():
        return ()
    return (DkimResult("", "", DkimStatus.PERMERROR, fault),)


@dataclass(slots=True)
class _Judge:
    letter: Letter
    resolver: Resolver
    limits: Limits
    now: float
    counts: Counter[str] = field(default_factory=Counter)
    bodies: dict[bool, bytes] = field(default_factory=dict)
    texts: dict[str, list[bytes] | str] = field(default_factory=dict)

    def results(self) -> Iterator[DkimResult]:
        self.counts.update(each.name for each in self.letter.fields)
        signatures = [each for each in self.letter.fields if each.name == _NAME]
        for each in signatures[: self.limits.dkim_signatures]:
            yield self._result(each)
        if len(signatures) > self.limits.dkim_signatures:
            reason = f"there are more than {self.limits.dkim_signatures} signatures"
            yield DkimResult("", "", DkimStatus.NEUTRAL, reason)

    def _result(self, place: Field) -> DkimResult:
        if len(place.octets) > self.limits.dkim_field:
            reason = f"the field is longer than {self.limits.dkim_field} octets"
            return DkimResult("", "", DkimStatus.PERMERROR, reason)
        try:
            known = tags.tag_list(place.value)
        except ValueError as error:
            return DkimResult("", "", DkimStatus.PERMERROR, str(error))
        try:
            found = signature.read(place, known)
        except ValueError as error:
            domain, selector = (_shown(known, name) for name in ("d", "s"))
            return DkimResult(domain, selector, DkimStatus.PERMERROR, str(error))
        return self._judged(place, found)

    def _judged(self, place: Field, found: Signature) -> DkimResult:
        counted = Counter(found.names)
        result = DkimResult(
            found.domain,
            found.selector,
            DkimStatus.PERMERROR,
            identity=scrubbed(found.identity),
            algorithm=found.algorithm,
            headers=found.names,
            covered=frozenset(n for n in counted if 0 < self.counts[n] <= counted[n]),
            body_length=found.length,
            body_length_limited=self._limited(found),
            signed_at=_moment(found.signed_at),
            expires=_moment(found.expires),
        )
        reason = self._out_of_time(found) or self._changed_body(found)
        if reason:
            return self._failed(result, found, reason)
        try:
            self._check_fields(counted)
            record = self._record(found)
            key = primitives.public_key(record.kind, record.key)
        except _Unknown as error:
            return replace(result, status=DkimStatus.TEMPERROR, reason=str(error))
        except ValueError as error:
            return replace(result, reason=str(error))
        if not primitives.holds(key, found.value, self._signed_octets(place, found)):
            return self._failed(result, found, "the header was changed, or the key is another")
        return replace(result, status=DkimStatus.PASS, testing=record.testing)

    def _failed(self, result: DkimResult, found: Signature, reason: str) -> DkimResult:
        # Who only tries DKIM out is not held to it (RFC 6376, 3.6.1), so the record is looked at.
        try:
            testing = self._record(found).testing
        except (_Unknown, ValueError):
            testing = False
        status = DkimStatus.NEUTRAL if testing else DkimStatus.FAIL
        return replace(result, status=status, reason=reason, testing=testing)

    def _check_fields(self, counted: Counter[str]) -> None:
        for name in _ONCE:
            if 0 < counted[name] < self.counts[name]:
                raise ValueError(f"there is a field {name.title()} that is not signed")
        if self.counts["from"] != 1:
            raise ValueError("there is not exactly one field From")

    def _out_of_time(self, found: Signature) -> str:
        if found.expires is not None and found.expires < self.now:
            return "the signature has expired"
        if found.signed_at is not None and found.signed_at > self.now + _SKEW:
            return "the signature was made in the future"
        return ""

    def _body(self, found: Signature) -> bytes:
        form = found.relaxed_body
        if form not in self.bodies:
            self.bodies[form] = canonical.body(self.letter.body, relaxed=form)
        return self.bodies[form]

    def _limited(self, found: Signature) -> bool:
        return found.length is not None and found.length < len(self._body(found))

    def _changed_body(self, found: Signature) -> str:
        body = self._body(found)
        if found.length is not None and found.length > len(body):
            return "the body is shorter than what was signed of it"
        digest = sha256(memoryview(body)[: found.length]).digest()
        return "" if compare_digest(digest, found.body_hash) else "the body was changed"

    def _record(self, found: Signature) -> KeyRecord:
        if found.place not in self.texts:
            self.texts[found.place] = self._asked(found.place)
        texts = self.texts[found.place]
        if isinstance(texts, str):
            raise _Unknown(f"the key could not be asked for ({texts})")
        record = key_record(texts, most=self.limits.dkim_field)
        record.check(signature.ALGORITHMS[found.algorithm], found.domain, found.identity)
        return record

    def _asked(self, name: str) -> list[bytes] | str:
        """Return the texts of a name, or the name of the error that there was instead."""
        try:
            answer = self.resolver(name)
            if isinstance(answer, (str, bytes)):
                # One record where a list of them is expected would be taken letter by letter.
                return TypeError.__name__
            return [
                text.encode() if isinstance(text, str) else bytes(memoryview(text))
                for text in answer
            ]
        except Exception as error:  # noqa: BLE001 - A resolver of the caller's may raise anything.
            return type(error).__name__

    def _signed_octets(self, place: Field, found: Signature) -> bytes:
        relaxed = found.relaxed_header
        others = [each for each in self.letter.fields if each is not place]
        chosen = canonical.chosen(others, found.names)
        lines = [canonical.field(each.octets, relaxed=relaxed) for each in chosen]
        return b"\r\n".join([*lines, canonical.field(found.bare, relaxed=relaxed)])


def _shown(known: dict[str, tags.Tag], name: str) -> str:
    """Return what a broken signature says, fit to be shown."""
    tag = known.get(name)
    return scrubbed(tag.value[:253].decode("utf-8", "replace")) if tag else ""


def _moment(seconds: int | None) -> datetime | None:
    if seconds is None or seconds > _LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC)
