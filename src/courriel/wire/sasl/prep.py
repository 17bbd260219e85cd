"""How a name or a secret becomes the octets that a mechanism works on.

There are two ways. ``verbatim`` takes the text as it is: PLAIN, LOGIN and CRAM-MD5 leave the
preparation to the server (RFC 4616, 2), and most servers compare octets, so that a client that
rewrote ``µ`` or ``²`` would sign nobody in. ``prepared`` applies SASLprep (RFC 4013), which SCRAM
asks of the client (RFC 5802, 2.2) because both ends hash the password.

Whatever is refused here is refused before an octet is made of it, and without being shown: a frame
that raises holds the ``Secret`` only, never what is in it.
"""

from __future__ import annotations

from courriel.errors import Misused
from courriel.model.secret import Secret
from courriel.wire.sasl.turns import signing_in


def verbatim(value: str | Secret | None, what: str, name: str) -> bytes:
    """Return ``value`` in UTF-8, unchanged.

    ``what`` ("user name", "password") and ``name`` (the mechanism) are for the
    error. Raises Misused when it is missing or empty, or has CR, LF, NUL or a
    lone surrogate in it.
    """
    fault = _fault(_reveal(value))
    if fault:
        raise _misused(fault, what, name)
    return _reveal(value).encode()


def prepared(value: str | Secret | None, what: str, name: str) -> bytes:
    """Return ``value`` after SASLprep, in UTF-8 (RFC 4013; queries, so unassigned is allowed).

    Raises Misused as ``verbatim`` does, and for characters that SASLprep
    prohibits or a mixture of writing directions that it does not allow.
    """
    fault = _fault(_reveal(value)) or saslprep(_reveal(value))[1]
    if fault:
        raise _misused(fault, what, name)
    return saslprep(_reveal(value))[0].encode()


def saslprep(text: str) -> tuple[str, str]:
    """Apply RFC 4013 to ``text``: return the result and "", or "" and what is wrong."""
    if text.isascii() and text.isprintable():
        return text, ""

    import stringprep
    from unicodedata import ucd_3_2_0

    # U+200B stands in both tables; the space is what libidn and PostgreSQL make of it.
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in text
        if stringprep.in_table_c12(character) or not stringprep.in_table_b1(character)
    )
    # Stringprep is defined on Unicode 3.2 (RFC 3454, 4); a later one would normalise more.
    result = ucd_3_2_0.normalize("NFKC", mapped)
    if not result:
        return "", "is empty after SASLprep"
    if any(_prohibited(character) for character in result):
        return "", "has a character in it that SASLprep prohibits (RFC 4013, 2.3)"
    if not _one_direction(result):
        return "", "mixes writing directions in a way that SASLprep prohibits (RFC 4013, 2.4)"
    return result, ""


def saslname(text: bytes) -> bytes:
    """Escape a prepared name as ``saslname`` (RFC 5802, 5.1): no bare "=" and no ","."""
    return text.replace(b"=", b"=3D").replace(b",", b"=2C")


def _reveal(value: str | Secret | None) -> str:
    return value.reveal() if isinstance(value, Secret) else value or ""


def _fault(text: str) -> str:
    if not text:
        return "is missing or empty"
    if any(character in text for character in "\r\n\0"):
        return "has a CR, LF or NUL in it"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "has a lone surrogate in it, which is no text"
    return ""


def _prohibited(character: str) -> bool:
    import stringprep

    return (
        stringprep.in_table_c12(character)
        or stringprep.in_table_c21_c22(character)
        or stringprep.in_table_c3(character)
        or stringprep.in_table_c4(character)
        or stringprep.in_table_c5(character)
        or stringprep.in_table_c6(character)
        or stringprep.in_table_c7(character)
        or stringprep.in_table_c8(character)
        or stringprep.in_table_c9(character)
    )


def _one_direction(text: str) -> bool:
    """Tell whether ``text`` fulfils the rules for bidirectional text (RFC 3454, 6)."""
    import stringprep

    if not any(stringprep.in_table_d1(character) for character in text):
        return True
    if any(stringprep.in_table_d2(character) for character in text):
        return False
    return stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])


def _misused(fault: str, what: str, name: str) -> Misused:
    return Misused(
        f"the {what} {fault}",
        operation=signing_in(name),
        hint=f"Check where the {what} comes from; a file often ends with a line break.",
    )
