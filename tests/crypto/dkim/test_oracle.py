"""Signatures of ours against dkimpy's eyes, and of dkimpy's against ours."""

from __future__ import annotations

from itertools import product
from typing import Any

import dkim  # type: ignore[import-untyped]  # It has no annotations.
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courriel.crypto.dkim import canonical, verify
from tests.crypto.dkim.keyring import (
    LETTER,
    PLACE,
    ed25519,
    key,
    published,
    record,
    rsa,
    seed,
    signer,
    traditional,
)

KINDS = ["rsa", "ed25519"]
FORMS = [f"{header}/{body}" for header, body in product(["simple", "relaxed"], repeat=2)]
LETTERS = [
    LETTER,
    LETTER.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    LETTER.replace(b"\r\n", b"\n"),
    LETTER.rstrip() + b"\r\n\r\n \t\r\n\r\n\r\n",
    b"X: 1\r\nX: 2\r\n" + LETTER + b"\xff\x00\r\n.\r\n",
    b"Subject:  a \t b\r\n  c  \r\nFROM:x@example.org\r\n\r\n  a \t b  \r\n",
]
WORDS = [b" ", b"\t", b"\r\n", b"\n", b"a", b".", b"\xff", b"="]
BODIES = st.lists(st.sampled_from(WORDS), max_size=20).map(b"".join)


def believed(source: bytes, kind: str) -> bool:
    """Ask dkimpy."""
    texts = {f"{PLACE}.".encode(): record(key(kind))}

    def look_up(name: Any, timeout: int = 5) -> bytes | None:
        return texts.get(name if isinstance(name, bytes) else name.encode())

    return bool(dkim.verify(source, dnsfunc=look_up))


def signed_by_dkimpy(source: bytes, kind: str, form: str, *, length: bool = False) -> bytes:
    header, _, body = form.encode().partition(b"/")
    field: bytes = dkim.sign(
        source,
        b"spring",
        b"example.org",
        traditional(rsa()) if kind == "rsa" else seed(ed25519()),
        canonicalize=(header, body),
        signature_algorithm=f"{kind}-sha256".encode(),
        length=length,
    )
    return field + source


@pytest.mark.parametrize("letter", LETTERS, ids=range(len(LETTERS)))
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_we_sign_dkimpy_believes(kind: str, form: str, letter: bytes) -> None:
    signed = signer(kind, canonicalization=form).sign(letter).source
    assert believed(signed, kind)
    assert not believed(signed.replace(b"h=from", b"h=from:x-y"), kind)


@pytest.mark.parametrize("letter", LETTERS, ids=range(len(LETTERS)))
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_dkimpy_signs_we_believe(kind: str, form: str, letter: bytes) -> None:
    signed = signed_by_dkimpy(letter, kind, form)
    (result,) = verify(signed, resolver=published(record(key(kind))))
    assert ("pass", "") == (result.status.value, result.reason)


@pytest.mark.parametrize("form", FORMS)
def test_a_limited_length_of_dkimpy(form: str) -> None:
    signed = signed_by_dkimpy(LETTER, "ed25519", form, length=True)
    (result,) = verify(signed + b"more\r\n", resolver=published(record(ed25519())))
    assert (True, True) == (result.passed, result.body_length_limited)


def test_of_what_was_changed_we_believe_nothing_that_dkimpy_does_not() -> None:
    """Change one octet at a time. Dkimpy believes more: it takes a form feed for white space."""
    signed = signer(canonicalization="relaxed/simple").sign(LETTER, now=1_500_000_000).source
    resolver = published(record(ed25519()))
    believed_by_us = []
    for at in range(signed.index(b"\r\nFrom:") + 2, len(signed)):
        changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
        if any(result.passed for result in verify(changed, resolver=resolver)):
            believed_by_us.append(changed)
    assert [] == [changed for changed in believed_by_us if not believed(changed, "ed25519")]


@given(BODIES, st.sampled_from(FORMS))
@settings(deadline=None)
def test_law_any_body_is_believed_by_both(body: bytes, form: str) -> None:
    # White space at the very end is part of a line to us, as it will be when it is sent.
    letter = b"From: a@example.org\r\n\r\n" + body + b"\r\n"
    assert believed(signer(canonicalization=form).sign(letter).source, "ed25519")
    (result,) = verify(
        signed_by_dkimpy(letter, "ed25519", form), resolver=published(record(ed25519()))
    )
    assert result.passed, canonical.body(body, relaxed=form.endswith("relaxed"))
