"""Which certificates lead to a root, and which do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from courriel.crypto import der
from courriel.crypto.certificates import addresses
from courriel.crypto.chain import CHECKS, LONGEST, distrust
from courriel.crypto.smime import Identity
from tests.crypto.people import BIRTH, DEATH, NOW, Office, ada, key, named, purpose, root, usage


def verdict(leaf: Identity, *between: Office, roots: tuple[Office, ...] = (root(),)) -> str:
    return distrust(
        leaf.certificate,
        [office.certificate for office in between],
        [office.certificate for office in roots],
        NOW,
    )


@pytest.mark.parametrize("kind", ["rsa", "p384", "ed25519"])
def test_a_root_of_any_kind_is_believed(kind: str) -> None:
    office = root(f"Root of {kind}", kind)
    assert "" == verdict(office.person(), roots=(office,))


def test_the_way_leads_over_others_in_any_order() -> None:
    first = root().office("First")
    second = first.office("Second")
    leaf = second.person()
    assert "" == verdict(leaf, first, second)
    assert "" == verdict(leaf, second, first, root("Other"))
    assert "no given root has issued the certificate" == verdict(leaf, second)
    assert "no given root has issued the certificate" == verdict(leaf, first)


def test_an_intermediate_may_be_the_root() -> None:
    first = root().office("First")
    assert "" == verdict(first.person(), roots=(first,))


def test_a_name_alone_issues_nothing() -> None:
    forger = root("Forger")
    fake = Office(Identity(root().certificate, root().identity.key))
    leaf = forger.person()
    assert "no given root has issued the certificate" == verdict(leaf)
    same_name = named("Root", key("p256", "stranger")).issuer_name(root().certificate.subject)
    certificate = same_name.add_extension(
        x509.BasicConstraints(ca=True, path_length=None), True
    ).sign(key("p256", "stranger"), ada().certificate.signature_hash_algorithm)  # type: ignore[arg-type]  # SHA-256.
    stranger = Office(Identity(certificate, key("p256", "stranger")))
    assert "a certificate is not signed by its issuer" == verdict(stranger.person(), fake)


def test_people_do_not_issue() -> None:
    person = Office(root().person("eve@example.org"))
    wrong = "a certificate is issued by one that may not issue any"
    assert wrong == verdict(person.person(), person)
    signer = root().office("Signer", extensions=[(usage(digital_signature=True), True)])
    assert wrong == verdict(signer.person(), signer)
    issuer = root().office("Issuer", extensions=[(usage(key_cert_sign=True), True)])
    assert "" == verdict(issuer.person(), issuer)


def test_a_path_may_be_limited() -> None:
    strict = root().office("Strict", path_length=0)
    below = strict.office("Below")
    assert "" == verdict(strict.person(), strict)
    wrong = "there are more certificates on the way than an issuer allows"
    assert wrong == verdict(below.person(), strict, below)


@pytest.mark.parametrize(
    ("moment", "word"),
    [(BIRTH - timedelta(days=1), "before"), (DEATH + timedelta(days=1), "after")],
)
def test_certificates_have_their_time(moment: object, word: str) -> None:
    reason = distrust(ada().certificate, [], [root().certificate], moment)  # type: ignore[arg-type]  # A datetime.
    assert f"not valid {word}" in reason


@pytest.mark.parametrize(
    ("extension", "wrong"),
    [
        (purpose("EMAIL_PROTECTION"), ""),
        (purpose("ANY_EXTENDED_KEY_USAGE"), ""),
        (purpose("SERVER_AUTH", "CLIENT_AUTH"), "a certificate is not for mail"),
        (usage(digital_signature=True), ""),
        (usage(content_commitment=True), ""),
        (usage(key_encipherment=True), "the certificate is not for signing"),
        (
            x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None),
            "a certificate demands what is not understood",
        ),
    ],
)
def test_a_certificate_is_used_for_what_it_is_for(
    extension: x509.ExtensionType, wrong: str
) -> None:
    assert wrong == verdict(root().person(extensions=[(extension, True)]))


def test_the_issuers_purpose_counts_too() -> None:
    servers = root().office("Servers", extensions=[(purpose("SERVER_AUTH"), False)])
    assert "a certificate is not for mail" == verdict(servers.person(), servers)


@pytest.mark.parametrize(
    ("permitted", "excluded", "fits"),
    [
        (["example.org"], None, True),
        (["ada@example.org"], None, True),
        ([".org"], None, True),
        (["example.com"], None, False),
        ([".example.org"], None, False),
        (None, ["example.org"], False),
        (None, ["example.com"], True),
    ],
)
def test_an_issuer_may_be_limited_to_names(
    permitted: list[str] | None, excluded: list[str] | None, fits: bool
) -> None:
    constraints = x509.NameConstraints(
        [x509.RFC822Name(name) for name in permitted] if permitted else None,
        [x509.RFC822Name(name) for name in excluded] if excluded else None,
    )
    office = root().office(f"{permitted} {excluded}", extensions=[(constraints, True)])
    wrong = "" if fits else "a certificate names somebody its issuer may not name"
    assert wrong == verdict(office.person(), office)


@pytest.mark.parametrize("excluded", ["xn--bcher-kva.example", ".example", "XN--BCHER-KVA.example"])
def test_a_name_in_utf8_is_limited_too(excluded: str) -> None:
    """An address in UTF-8 lies in the domain of that A-label (RFC 9598, 6)."""
    constraints = x509.NameConstraints(None, [x509.RFC822Name(excluded)])
    office = root().office(excluded, extensions=[(constraints, True)])
    wrong = "a certificate names somebody its issuer may not name"
    assert wrong == verdict(in_utf8(office, "äda@bücher.example"), office)
    assert wrong == verdict(in_utf8(office, "äda@BÜCHER.example"), office)
    # What is no address is in no domain, so that it is not permitted either.
    assert wrong == verdict(in_utf8(office, "ada@b\u00fccher.example."), office)
    assert "" == verdict(in_utf8(office, "äda@example.org"), office)


def in_utf8(office: Office, address: str) -> Identity:
    text = address.encode()
    mailbox = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), der.element(0x0C, text))
    own = key("p256", address)
    builder = named("Äda", own).add_extension(x509.SubjectAlternativeName([mailbox]), False)
    return Identity(office.issue(builder), own)


@pytest.mark.parametrize(
    ("permitted", "excluded", "fits"),
    [
        ("Ada", None, True),
        ("ADA", None, True),
        (" a  d a", None, False),
        ("Bob", None, False),
        (None, "ada", False),
        (None, "  Ada ", False),
        (None, "Bob", True),
    ],
)
def test_an_issuer_may_be_limited_to_names_of_the_directory(
    permitted: str | None, excluded: str | None, fits: bool
) -> None:
    constraints = x509.NameConstraints(
        [directory(permitted)] if permitted else None,
        [directory(excluded)] if excluded else None,
    )
    office = root().office(f"D {permitted} {excluded}", extensions=[(constraints, True)])
    wrong = "" if fits else "a certificate names somebody its issuer may not name"
    assert wrong == verdict(office.person(), office)


def directory(name: str) -> x509.DirectoryName:
    return x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))


def test_a_short_key_of_an_issuer_proves_nothing() -> None:
    own = generate_private_key(65537, 1024)
    builder = named("Short", own).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), True
    )
    short = Office(Identity(root().issue(builder), own))
    wrong = "a certificate is signed with an RSA key of 1024 bits"
    assert wrong == verdict(short.person(), short)


def test_one_strange_certificate_does_not_close_the_other_ways() -> None:
    """Its key is of a kind that cannot be asked whether it has signed anything."""
    first = root().office("First")
    exchange = x25519.X25519PrivateKey.generate().public_key()
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    strange = root().issue(
        x509.CertificateBuilder()
        .subject_name(first.certificate.subject)
        .public_key(exchange)
        .serial_number(1)
        .not_valid_before(BIRTH)
        .not_valid_after(DEATH)
        .add_extension(constraints, True)
    )
    leaf = first.person().certificate
    for between in ([strange, first.certificate], [first.certificate, strange]):
        assert "" == distrust(leaf, between, [root().certificate], NOW)
    assert distrust(leaf, [strange], [root().certificate], NOW)


def test_certificates_that_issue_each_other_come_to_an_end() -> None:
    circle = root("Circle")
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    offices = [
        Office(
            Identity(
                circle.issue(named("Circle", circle.identity.key).add_extension(constraints, True)),
                circle.identity.key,
            )
        )
        for _ in range(CHECKS)
    ]
    leaf = offices[0].person()
    assert "the certificates lead too many ways" == verdict(leaf, *offices)


def test_a_way_may_be_only_so_long() -> None:
    offices = [root()]
    for number in range(LONGEST):
        offices.append(offices[-1].office(f"Step {number}"))
    assert "" == verdict(offices[LONGEST - 2].person(), *offices[1:])
    reason = verdict(offices[LONGEST].person(), *offices[1:])
    assert f"the way to a root is longer than {LONGEST} certificates" == reason


def test_addresses_are_those_of_the_alternative_name() -> None:
    assert ["Ada <ada@example.org>"] == [str(one) for one in addresses(ada().certificate)]
    assert () == addresses(root().certificate)
    utf8 = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), b"\x0c\x0a\xc3\xa4da@x.org")
    builder = named("Ä", key("p256")).add_extension(x509.SubjectAlternativeName([utf8]), False)
    assert ["äda@x.org"] == [one.address for one in addresses(root().issue(builder))]
