"""List the ports of the test Postfix, and in what each differs from a plain one.

A door is one smtpd(8) service of master.cf; its options override main.cf. Without options it is
an open server: STARTTLS and every extension offered, no sign-in, mail for our own domains only.

A new way for a server to be is a line in ``doors``; nothing else may live here.
"""

from __future__ import annotations

from typing import TypeAlias

from tests.servers.authority import Authority, Fault
from tests.servers.dovecot import MECHANISMS

SMALL_SIZE_LIMIT = 64 * 1024
"""Octets of a message that the door ``small`` takes."""

Options: TypeAlias = dict[str, str]

SIGN_IN: Options = {"smtpd_sasl_auth_enable": "yes", "smtpd_tls_auth_only": "no"}
"""Sign-in is offered, with and without TLS; who signs in may send anywhere."""
MUST_SIGN_IN: Options = {
    "smtpd_sasl_auth_enable": "yes",
    "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
}
"""Nobody may send without signing in."""
NO_TLS: Options = {"smtpd_tls_security_level": "none"}
MUST_TLS: Options = {"smtpd_tls_security_level": "encrypt", "smtpd_tls_auth_only": "yes"}
"""STARTTLS first: until then sign-in is not offered and mail is refused."""
IMPLICIT_TLS: Options = MUST_TLS | {"smtpd_tls_wrappermode": "yes"}

EVERY_EXTENSION = (
    "pipelining, size, vrfy, etrn, starttls, auth, enhancedstatuscodes, 8bitmime, dsn, "
    "smtputf8, chunking"
)


def without(keywords: str) -> Options:
    """Withhold the named extensions from the answer to EHLO."""
    return {"smtpd_discard_ehlo_keywords": f"silent-discard, {keywords}"}


def doors(authority: Authority) -> dict[str, Options]:
    """Give the options of every door by its name."""
    named: dict[str, Options] = {
        "smtp": {},
        "submission": MUST_SIGN_IN | MUST_TLS,
        "smtps": MUST_SIGN_IN | IMPLICIT_TLS,
        "plaintext-auth": SIGN_IN | NO_TLS,
        "plaintext": NO_TLS,
        "no-chunking": without("chunking"),
        "no-pipelining": without("chunking, pipelining"),
        "bare": without(EVERY_EXTENSION),
        "small": {"message_size_limit": str(SMALL_SIZE_LIMIT)},
    }
    for mechanism in MECHANISMS:
        named[f"auth-{mechanism}"] = SIGN_IN | {"smtpd_sasl_mechanism_filter": mechanism}
    for fault in Fault:
        chain = {"smtpd_tls_chain_files": str(authority.certificate(fault).both)}
        named[f"smtps-{fault.value}"] = SIGN_IN | IMPLICIT_TLS | chain
        named[f"starttls-{fault.value}"] = SIGN_IN | MUST_TLS | chain
    return named
