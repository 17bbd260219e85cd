"""The server's mechanisms against the client's, and against the documents' own examples."""

from __future__ import annotations

import dataclasses
import hmac
from base64 import b64decode

import pytest

from courriel.errors import CourrielError, InsecureConnection, Unauthorised
from courriel.model.secret import Secret
from courriel.sandbox import accounts as accounts_module
from courriel.sandbox.accounts import Accounts
from courriel.sandbox.sasl import MECHANISMS, Exchange, Party
from courriel.wire.sasl.cram_md5 import cram_md5
from courriel.wire.sasl.exchange import Compute, Credentials
from courriel.wire.sasl.exchange import Mechanism as ClientMechanism
from courriel.wire.sasl.login import login
from courriel.wire.sasl.oauth import oauthbearer, xoauth2
from courriel.wire.sasl.plain import plain
from courriel.wire.sasl.scram import (
    scram_sha_1,
    scram_sha_1_plus,
    scram_sha_256,
    scram_sha_256_plus,
)

CLIENTS: dict[str, ClientMechanism] = {
    "PLAIN": plain,
    "LOGIN": login,
    "CRAM-MD5": cram_md5,
    "SCRAM-SHA-1": scram_sha_1,
    "SCRAM-SHA-1-PLUS": scram_sha_1_plus,
    "SCRAM-SHA-256": scram_sha_256,
    "SCRAM-SHA-256-PLUS": scram_sha_256_plus,
    "XOAUTH2": xoauth2,
    "OAUTHBEARER": oauthbearer,
}
END_POINT = b"hash of the certificate"


def party(**changes: object) -> Party:
    ours = Party(
        Accounts({"ada": "secret", "zoë": "pässword", "a=b,c": "x"}, tokens={"ada": "token"}),
        "example.org",
        lambda: "nonce",
        END_POINT,
        binding_offered=True,
    )
    return dataclasses.replace(ours, **changes)  # type: ignore[arg-type]  # Names are checked.


def credentials(user: str = "ada", password: str = "secret", **changes: object) -> Credentials:
    theirs = Credentials(
        user,
        Secret(password),
        Secret("token" if password == "secret" else password),
        host="mail.example.org",
        port=465,
        server_end_point=END_POINT,
        binding_offered=True,
    )
    return dataclasses.replace(theirs, **changes)  # type: ignore[arg-type]  # Names are checked.


def converse(name: str, theirs: Credentials, ours: Party) -> str:
    """Let a client and a server of the same mechanism talk; return who has signed in."""
    client, server = CLIENTS[name](theirs), MECHANISMS[name].begin(ours)
    response, challenge = next(client), next(server)
    if not MECHANISMS[name].client_first:
        response = client.send(challenge)
    while True:
        if isinstance(response, Compute):
            response = client.send(response.function())
            continue
        assert response is not None
        try:
            challenge = server.send(response)
        except StopIteration as finished:
            with pytest.raises(StopIteration):
                client.send(None)
            return str(finished.value)
        response = client.send(challenge)


@pytest.mark.parametrize("name", MECHANISMS)
def test_the_right_secret_signs_in(name: str) -> None:
    assert "ada" == converse(name, credentials(), party())


@pytest.mark.parametrize("name", MECHANISMS)
def test_an_address_signs_in_as_well(name: str) -> None:
    assert "ada" == converse(name, credentials("Ada@example.org"), party())


@pytest.mark.parametrize("name", MECHANISMS)
@pytest.mark.parametrize("user", ["ada", "eve"])
def test_the_wrong_secret_does_not(name: str, user: str) -> None:
    with pytest.raises(Unauthorised) as caught:
        converse(name, credentials(user, "wrong"), party())
    assert (535, "5.7.8") == (caught.value.code, caught.value.enhanced)


@pytest.mark.parametrize("name", [name for name in MECHANISMS if "OAUTH" not in name])
@pytest.mark.parametrize(("user", "password"), [("zoë", "pässword"), ("a=b,c", "x")])
def test_names_and_passwords_beyond_ascii(name: str, user: str, password: str) -> None:
    assert user == converse(name, credentials(user, password), party())


@pytest.mark.parametrize("name", ["XOAUTH2", "OAUTHBEARER"])
def test_without_a_token_the_password_is_one(name: str) -> None:
    ours = party(accounts=Accounts({"ada": "secret"}))
    assert "ada" == converse(name, credentials(token=Secret("secret")), ours)
    with pytest.raises(Unauthorised):
        converse(name, credentials(token=Secret("token")), ours)


def test_oauthbearer_finds_out_whose_token_it_is() -> None:
    assert "ada" == _send("OAUTHBEARER", b"n,,\x01auth=Bearer token\x01\x01")


def test_plain_does_not_let_one_act_for_another() -> None:
    assert "ada" == _send("PLAIN", b"ada@example.org\0ada\0secret")
    with pytest.raises(Unauthorised, match="may not act for anybody else"):
        _send("PLAIN", b"eve\0ada\0secret")


@pytest.mark.parametrize(
    ("name", "response"),
    [
        ("PLAIN", b"ada\0secret"),
        ("PLAIN", b"\0ada\0secret\0"),
        ("PLAIN", b"\0ada\0\xff"),
        ("LOGIN", b"\xff"),
        ("CRAM-MD5", b"ada"),
        ("XOAUTH2", b"user=ada\x01auth=Bearer token\x01"),
        ("XOAUTH2", b"\xff\x01\x01"),
        ("OAUTHBEARER", b"n,,"),
        ("OAUTHBEARER", b"p=x,,\x01auth=Bearer token\x01\x01"),
        ("SCRAM-SHA-256", b""),
        ("SCRAM-SHA-256", b"n,,n=ada"),
        ("SCRAM-SHA-256", b"n,,n=ada,r="),
        ("SCRAM-SHA-256", b"n,,n=a=b,r=x"),
        ("SCRAM-SHA-256", b"n,,m=x,n=ada,r=x"),
        ("SCRAM-SHA-256", b"x,,n=ada,r=x"),
    ],
)
def test_a_malformed_response(name: str, response: bytes) -> None:
    with pytest.raises(Unauthorised) as caught:
        _send(name, response)
    assert (501, "5.5.2") == (caught.value.code, caught.value.enhanced)


@pytest.mark.parametrize(
    "fields", [b"user=ada\x01auth=Basic token", b"user=ada", b"auth=Bearer token"]
)
def test_xoauth2_wants_a_name_and_a_bearer_token(fields: bytes) -> None:
    server = _started("XOAUTH2")
    assert b'"status":"401"' in server.send(fields + b"\x01\x01")
    with pytest.raises(Unauthorised):
        server.send(b"")


def test_scram_sees_that_its_offer_of_binding_was_removed() -> None:
    # The client has a certificate to bind to, and says that the server offered no binding.
    with pytest.raises(Unauthorised, match="somebody removed it"):
        _send("SCRAM-SHA-256", b"y,,n=ada,r=x")
    theirs = _started("SCRAM-SHA-256", party(binding_offered=False))
    assert theirs.send(b"y,,n=ada,r=x").startswith(b"r=xnonce,")


def test_scram_sees_another_certificate_on_the_other_side() -> None:
    with pytest.raises((Unauthorised, InsecureConnection)):
        converse("SCRAM-SHA-256-PLUS", credentials(server_end_point=b"the attacker's"), party())


@pytest.mark.parametrize("header", [b"n", b"y", b"p=tls-unique"])
def test_scram_plus_binds(header: bytes) -> None:
    with pytest.raises(Unauthorised, match="Only the channel binding"):
        _send("SCRAM-SHA-256-PLUS", header + b",,n=ada,r=x")


def test_scram_without_plus_does_not_bind() -> None:
    with pytest.raises(Unauthorised, match="no channel binding"):
        _send("SCRAM-SHA-256", b"p=tls-server-end-point,,n=ada,r=x")


@pytest.mark.parametrize(
    "final",
    [
        b"",
        b"c=biws,r=xnonce",
        b"c=biws,r=xnonce,p=",
        b"c=biws,r=xnonce,p=AAAA",
        b"c=biws,r=xnonce,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        b"c=eSws,r=xnonce,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        b"c=biws,r=other,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        b"c=biws,r=xnonce,p=!",
    ],
)
def test_scram_wants_a_proof(final: bytes) -> None:
    server = _started("SCRAM-SHA-256")
    server.send(b"n,,n=ada,r=x")
    with pytest.raises(Unauthorised):
        server.send(final)


def test_scram_salts_stay_and_differ() -> None:
    ours = party()
    salts = [
        _started("SCRAM-SHA-256", ours).send(b"n,,n=%b,r=x" % name).split(b",")[1]
        for name in (b"ada", b"ada", b"eve", b"eve", b"mallory")
    ]
    assert salts[0] == salts[1]
    assert salts[2] == salts[3]
    assert 3 == len(set(salts))


def test_the_example_of_rfc_7677() -> None:
    ours = party(
        accounts=Accounts({"user": "pencil"}),
        nonce=lambda: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    )
    salt = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    ours.accounts._keys["user", "sha256"] = accounts_module._derive("sha256", b"pencil", salt)
    server = _started("SCRAM-SHA-256", ours)
    assert (
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    ) == server.send(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    assert b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" == server.send(
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    with pytest.raises(StopIteration, match="user"):
        server.send(b"")


def test_the_example_of_rfc_2195() -> None:
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    accounts = Accounts({"tim": "tanstaaftanstaaf"})
    digest = "b913a602c7eda7a495b4e6e7334d3890"
    assert "tim" == accounts.check_digest("tim", challenge, digest)
    assert digest == hmac.new(b"tanstaaftanstaaf", challenge, "md5").hexdigest()
    assert None is accounts.check_digest("tim", challenge, digest[::-1])


def test_no_error_shows_a_secret() -> None:
    for name in MECHANISMS:
        with pytest.raises(CourrielError) as caught:
            converse(name, credentials(password="c4n4ry"), party())
        assert "c4n4ry" not in repr(caught.value.__dict__)


def _started(name: str, ours: Party | None = None) -> Exchange:
    server = MECHANISMS[name].begin(ours or party())
    next(server)
    return server


def _send(name: str, response: bytes) -> str:
    try:
        _started(name).send(response)
    except StopIteration as finished:
        return str(finished.value)
    raise AssertionError("The server wants more.")
