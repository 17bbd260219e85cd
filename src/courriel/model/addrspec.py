"""Check one addr-spec and give the form of it that goes on the wire.

::

    addr-spec      = local-part "@" domain                      RFC 5322, 3.4.1
    local-part     = dot-atom / quoted-string                   RFC 5321, 4.1.2
    domain         = label *("." label) / address-literal       RFC 5321, 4.1.2 and 4.1.3
    atext, qtext, label: also any non-ASCII character           RFC 6531, 3.3

Comments, folding and white space around the "@" are not part of it: an address that two programs
could read in two ways is refused, never guessed at. The local part belongs to the receiving host
and is never touched; a domain in Unicode is turned into A-labels. Every pattern here is
deterministic, so that time is linear.

Only the grammar of a single address lives here; names and lists are in ``mailboxes``.
"""

from __future__ import annotations

import re

from courriel.errors import Misused
from courriel.model.characters import excerpt, forbidden_in, remedy

ATEXT = r"[^\s\x00-\x1f\x7f-\x9f\"(),.:;<>@\[\\\]]"
DOT_ATOM = rf"{ATEXT}+(?:\.{ATEXT}+)*"
QUOTED = r'"(?:[^"\\]|\\.)*"'
# Letters, digits, "-", "_" and everything above U+00A0; written as what it is not, which compiles
# ten times as fast.
_LABEL = r"[^\x00-,./:-@\[-^`{-\xa0]+"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL = r"\[[!-Z^-~]*\]"

LOCAL_PART = re.compile(rf"{DOT_ATOM}|{QUOTED}")
ADDR_SPEC = re.compile(rf"({DOT_ATOM}|{QUOTED})@({_DOMAIN}|{_LITERAL})")

PATH_OCTETS = 254
"""RFC 5321, 4.5.3.1.3 allows a path of 256 octets, of which two are the angle brackets."""

_LABEL_OCTETS = 63
_ASCII_DOMAIN = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_GENERAL_LITERAL = re.compile(r"[A-Za-z0-9-]*[A-Za-z0-9]:[!-Z^-~]+")
_JOINERS = re.compile("[\u200c\u200d]")
_OPERATION = "Address"


def split_addr_spec(text: str, *, operation: str = _OPERATION) -> tuple[str, str]:
    """Return the local part and the domain of a bare address, both as they were written.

    Raises Misused when ``text`` is anything but exactly one addr-spec.
    """
    found = ADDR_SPEC.fullmatch(text)
    if found is None or not (text.isprintable() or forbidden_in(text) is None):
        raise refusal(text, operation=operation)
    return found[1], found[2]


def wire_addr_spec(text: str, *, operation: str = _OPERATION) -> str:
    """Return the form of a bare address that goes into MAIL, RCPT and headers.

    The domain is in A-labels (RFC 5890), the local part untouched. Raises
    Misused when it is no address, its domain cannot be encoded, or it is
    longer than 254 octets.
    """
    local, domain = split_addr_spec(text, operation=operation)
    if text.isascii():
        if domain[0] == "[":
            _check_literal(text, domain, operation)
        wire = text
    else:
        wire = f"{local}@{domain if domain.isascii() else a_labels(domain, operation=operation)}"
    if "-" in wire or len(wire) > _LABEL_OCTETS:
        _check_labels(wire.rpartition("@")[2], operation)
    check_length(wire, operation=operation)
    return wire


def _check_labels(domain: str, operation: str) -> None:
    """Refuse a domain that no host can have (RFC 1035, 2.3.1 and 2.3.4)."""
    if domain[0] == "[":
        return
    for label in domain.split("."):
        if label[0] == "-" or label[-1] == "-" or len(label) > _LABEL_OCTETS:
            raise Misused(
                f"{excerpt(label)} cannot be a part of a domain",
                operation=operation,
                hint=f"It has at most {_LABEL_OCTETS} characters, and no hyphen at its ends.",
            )


def check_length(path: str, *, operation: str) -> None:
    """Refuse a path of more than 254 octets."""
    octets = len(path) if path.isascii() else len(path.encode())
    if octets > PATH_OCTETS:
        raise Misused(
            f"an address of {octets} octets is too long",
            operation=operation,
            hint=f"RFC 5321 allows {PATH_OCTETS}.",
        )


def a_labels(domain: str, *, operation: str = _OPERATION) -> str:
    """Return a domain in A-labels; raises Misused when it has none.

    The codec of the standard library follows IDNA 2003 (RFC 3490). Where
    IDNA 2008 (RFC 5891) names another host, for ß and final ς, the label is
    encoded as the newer standard says, because mail must not go astray.
    """
    if len(domain) > PATH_OCTETS:
        raise Misused("the domain is too long", operation=operation)
    try:
        encoded = ".".join(_a_label(label) for label in re.split("[.\u3002\uff0e\uff61]", domain))
    except UnicodeError as error:
        raise _bad_domain(domain, operation) from error
    if _ASCII_DOMAIN.fullmatch(encoded) is None:
        # Nameprep may turn a look-alike such as U+FF20 into a special of the grammar.
        raise _bad_domain(domain, operation)
    return encoded


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    if _JOINERS.search(label):
        raise UnicodeError("a joiner would vanish")
    if "ß" in label or "ς" in label:
        import unicodedata

        label = unicodedata.normalize("NFC", label.lower())
        encoded = "xn--" + label.encode("punycode").decode("ascii")
        if len(encoded) > 63:
            raise UnicodeError("label too long")
        return encoded
    return label.encode("idna").decode("ascii")


def _bad_domain(domain: str, operation: str) -> Misused:
    return Misused(
        f"the domain {domain!r} has no ASCII form (IDNA)",
        operation=operation,
        hint="Check its spelling, or give it in its xn-- form.",
    )


def _check_literal(text: str, domain: str, operation: str) -> None:
    import ipaddress

    inside = domain[1:-1]
    try:
        if inside[:5].lower() == "ipv6:":
            ipaddress.IPv6Address(inside[5:])
        elif not _GENERAL_LITERAL.fullmatch(inside):
            ipaddress.IPv4Address(inside)
    except ValueError as error:
        raise Misused(
            f"{domain!r} is no address literal",
            operation=operation,
            hint="Write [192.0.2.1] or [IPv6:2001:db8::1].",
        ) from error


def refusal(text: str, *, operation: str = _OPERATION) -> Misused:
    """Return the error that says why ``text`` is no address."""
    shown = text if len(text) <= 80 else text[:77] + "..."
    fault = forbidden_in(text)
    if fault is not None:
        return Misused(
            f"an address holds {fault}: {shown!r}",
            operation=operation,
            hint=remedy(text),
        )
    return Misused(f"{shown!r} is not one address", operation=operation, hint=_advice(text))


def _advice(text: str) -> str:
    if not text.strip():
        return "It is empty."
    if "@" not in text:
        return "It has no @ and a domain."
    if ".." in text or text.startswith(".") or ".@" in text:
        return 'A local part with a stray dot must be quoted: "a..b"@example.org.'
    if "(" in text or ")" in text:
        return "Remove the parentheses, or give name and address apart: (name, address)."
    if text.count("@") > 1 or "<" in text or "," in text:
        return "It can be read in more than one way; give name and address apart: (name, address)."
    return "Write local@domain; put a local part with spaces or specials in double quotes."
