"""Lists of tags, key records, and fields that cannot be a signature."""

from __future__ import annotations

import pytest

from courriel.crypto.dkim import signature, tags
from courriel.crypto.dkim.records import key_record
from courriel.crypto.dkim.split import Field

WHOLE = {
    "v": "1",
    "a": "rsa-sha256",
    "d": "example.org",
    "s": "spring",
    "h": "from:to",
    "bh": "AAAA",
    "b": "BBBB",
}


def field(**changes: str | None) -> Field:
    said = {name: value for name, value in {**WHOLE, **changes}.items() if value is not None}
    text = "; ".join(f"{name}={value}" for name, value in said.items())
    return Field("dkim-signature", f"DKIM-Signature: {text}".encode())


def read(**changes: str | None) -> signature.Signature:
    made = field(**changes)
    return signature.read(made, tags.tag_list(made.value))


def test_tags_are_read_with_white_space_anywhere() -> None:
    known = tags.tag_list(b" a = 1 ;\r\n\tb=x\r\n y=z; c=;")
    assert {"a": b"1", "b": b"x\r\n y=z", "c": b""} == {k: v.value for k, v in known.items()}


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"a=1; a=2", "twice"),
        (b"a", "without a value"),
        (b"=1", "without a name"),
        (b"1=1", "without a name"),
        (b"a b=1", "without a name"),
        (b"a=\x00", "control character"),
    ],
)
def test_what_is_no_tag_list(octets: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        tags.tag_list(octets)


def test_a_signature_says() -> None:
    found = read(c="relaxed", i="a=3Db=C3=A9@mail.Example.org", l="7", t="1", x="2", q="dns/txt:z")
    assert ("spring._domainkey.example.org", "rsa-sha256") == (found.place, found.algorithm)
    assert (True, False) == (found.relaxed_header, found.relaxed_body)
    assert ("a=bé@mail.example.org", ("from", "to")) == (found.identity, found.names)
    assert (7, 1, 2) == (found.length, found.signed_at, found.expires)


def test_a_domain_in_unicode_is_looked_up_in_a_labels() -> None:
    assert "spring._domainkey.xn--bcher-kva.example" == read(d="bücher.example").place


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("b=AAAA", "b="),
        ("b = A A\r\n =\r\n ; x=1", "b =; x=1"),
        ("bh=b=; b=AAAA", "bh=b=; b="),
        ("b=AAAA; bh=b=", "b=; bh=b="),
    ],
)
def test_the_value_of_b_is_cut_out_and_nothing_else(text: str, bare: str) -> None:
    said = {name: value for name, value in WHOLE.items() if name not in {"b", "bh"}}
    rest = "; ".join(f"{name}={value}" for name, value in said.items())
    first, second = (f"DKIM-Signature : {rest};\r\n {each}" for each in (text, bare))
    made = Field("dkim-signature", first.encode())
    assert second.encode() == signature.without_value(made, tags.tag_list(made.value)["b"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(({name: None}, f"no tag {name}=") for name in WHOLE),
        ({"v": "2"}, "version"),
        ({"a": "rsa-sha1"}, "RFC 8301"),
        ({"a": "dsa-sha256"}, "unknown"),
        ({"c": "nofws"}, "canonicalisation"),
        ({"q": "http"}, "not published in the DNS"),
        ({"h": "to:subject"}, "From is not signed"),
        ({"d": "exa mple.org"}, "d= is no domain"),
        ({"d": "a" * 64 + ".org"}, "d= is no domain"),
        ({"d": "a." * 127 + "org"}, "d= is no domain"),
        ({"d": "a." * 120 + "org"}, "too long"),
        ({"s": "a..b"}, "s= is no domain"),
        ({"i": "ada@example.net"}, "does not lie"),
        ({"i": "ada@badexample.org"}, "does not lie"),
        ({"i": "example.org"}, "does not lie"),
        ({"l": "-1"}, "l= is no number"),
        ({"l": "1" * 77}, "l= is no number"),
        ({"t": "2", "x": "1"}, "expires before"),
        ({"b": "*"}, "b= is not in base64"),
        ({"bh": "AAA"}, "bh= is not in base64"),
    ],
)
def test_what_is_no_signature(changes: dict[str, str | None], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(**changes)


def test_of_several_texts_the_first_key_record_counts() -> None:
    found = key_record([b"v=spf1 -all", b"p=AAAA; t=y : s; h=sha1:sha256; n=x", b"p="], most=99)
    assert (b"\0\0\0", True, "rsa") == (found.key, found.testing, found.kind)


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ([], "no key"),
        ([b""], "no tag p="),
        ([b"v=DKIM2; p=AAAA"], "no key record"),
        ([b"p=AAAA; v=DKIM1"], "no key record"),
        ([b"v=DKIM1; p="], "revoked"),
        ([b"p=A"], "base64"),
        ([b"p=" + b"A" * 98], "longer than 99"),
        ([b""] * 10 + [b"p=AAAA"], "no tag p="),
    ],
)
def test_what_is_no_key_record(texts: list[bytes], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        key_record(texts, most=99)


@pytest.mark.parametrize(
    ("text", "identity", "reason"),
    [
        (b"k=ed25519; p=AAAA", "@x.org", "another kind"),
        (b"h=sha1; p=AAAA", "@x.org", "SHA-256"),
        (b"s=web; p=AAAA", "@x.org", "not for mail"),
        (b"t=s; p=AAAA", "@a.x.org", "subdomains"),
    ],
)
def test_what_a_key_is_not_for(text: bytes, identity: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        key_record([text], most=99).check("rsa", "x.org", identity)
