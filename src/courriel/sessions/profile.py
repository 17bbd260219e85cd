"""From what a caller writes, URL or fields, to a ``Profile``.

::

    smtps://ada:secret@mail.example.org       implicit TLS          465
    smtp+starttls://…                         STARTTLS, required    587
    smtp://…                                  no protection          25
    lmtp://…                                  no protection          24
    pop3s://…  pop3+starttls://…  pop3://…    likewise         995, 110, 110
    imaps://…  imap+starttls://…  imap://…    likewise         993, 143, 143

User and password are percent-encoded (RFC 3986, 3.2.1). A scheme without protection does not count
as asking for plaintext by name: a password goes over it to this machine only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courriel.errors import Misused
from courriel.model.characters import excerpt, forbidden_in
from courriel.model.choice import choice
from courriel.model.limits import Limits
from courriel.model.options import Auth, Security, Timeout
from courriel.model.profile import Profile, TokenSource
from courriel.model.secret import Secret

_OPERATION = "session"


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of server: its ports by security, and what is meant when nothing is said."""

    name: str
    ports: Mapping[Security, int]
    security: Security = Security.TLS


SMTP = Service("smtp", {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAINTEXT: 25})
# RFC 2033 has no port of its own; 24 is IANA's for private mail systems, and Dovecot's for LMTP.
LMTP = Service(
    "lmtp", {Security.TLS: 24, Security.STARTTLS: 24, Security.PLAINTEXT: 24}, Security.PLAINTEXT
)
POP3 = Service("pop3", {Security.TLS: 995, Security.STARTTLS: 110, Security.PLAINTEXT: 110})
IMAP = Service("imap", {Security.TLS: 993, Security.STARTTLS: 143, Security.PLAINTEXT: 143})


def profile_of(
    service: Service,
    host: str,
    *,
    port: int | None,
    user: str | None,
    password: str | Secret | None,
    token: str | Secret | TokenSource | None,
    security: Security | str | None,
    auth: Auth | str,
    timeout: Timeout | float | None,
    tls: Any,
    proxy: str | None,
    limits: Limits,
    local_name: str | None = None,
    named: bool = True,
) -> Profile:
    """Return the checked profile. Raises Misused for anything that cannot be meant."""
    if not isinstance(limits, Limits):
        raise Misused("limits must be Limits(…)", operation=_OPERATION)
    if tls is not None and not hasattr(tls, "wrap_bio"):
        raise Misused(
            "tls must be an ssl.SSLContext",
            operation=_OPERATION,
            hint="Make one with ssl.create_default_context().",
        )
    wanted = service.security
    if security is not None:
        wanted = choice(Security, security, what="security", operation=_OPERATION)
    return Profile(
        host=_text(host, "host"),
        port=service.ports[wanted] if port is None else _port(port),
        user=None if user is None else _text(user, "user"),
        password=_secret(password, "password"),
        token=token if callable(token) else _secret(token, "token"),
        security=wanted,
        plaintext_named=named and security is not None and wanted is Security.PLAINTEXT,
        auth=choice(Auth, auth, what="auth", operation=_OPERATION),
        timeout=Timeout.of(timeout),
        tls=tls,
        local_name=None if local_name is None else _host_name(local_name),
        proxy=None if proxy is None else Secret(_text(proxy, "proxy")),
        limits=limits,
        ports=service.ports,
    )


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Misused(f"{what} must be a non-empty string", operation=_OPERATION)
    bad = forbidden_in(value)
    if bad is not None or (what != "user" and any(c.isspace() for c in value)):
        raise Misused(f"{what} contains a character that cannot be sent", operation=_OPERATION)
    if len(value) > 1024:
        raise Misused(f"{what} is longer than 1024 characters", operation=_OPERATION)
    return value


def _host_name(value: object) -> str:
    """Return a name for EHLO, in A-labels: only ASCII may stand there (RFC 6531, 3.7.1)."""
    name = _text(value, "local_name")
    if name.isascii():
        return name
    from courriel.model.addrspec import a_labels

    return a_labels(name, operation=_OPERATION)


def _secret(value: object, what: str) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value or None
    if isinstance(value, str):
        return Secret(value) if value else None
    raise Misused(f"{what} must be a string or a Secret", operation=_OPERATION)


def _port(port: object) -> int:
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
        raise Misused(
            f"port must be a number from 1 to 65535, not {excerpt(port)}", operation=_OPERATION
        )
    return port


_SCHEMES: dict[str, tuple[str, Security]] = {
    "smtp": ("smtp", Security.PLAINTEXT),
    "smtps": ("smtp", Security.TLS),
    "smtp+starttls": ("smtp", Security.STARTTLS),
    "lmtp": ("lmtp", Security.PLAINTEXT),
    "pop3": ("pop3", Security.PLAINTEXT),
    "pop3s": ("pop3", Security.TLS),
    "pop3+starttls": ("pop3", Security.STARTTLS),
    "imap": ("imap", Security.PLAINTEXT),
    "imaps": ("imap", Security.TLS),
    "imap+starttls": ("imap", Security.STARTTLS),
}


def read_url(url: object) -> tuple[str, dict[str, Any]]:
    """Return the service's name and the constructor's arguments that a URL stands for.

    Raises Misused; the error never shows the URL, which may hold a password.
    """
    if not isinstance(url, str) or forbidden_in(url) is not None:
        raise Misused("the URL is no plain string", operation="from_url")
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise Misused("the URL cannot be read", operation="from_url") from None
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None:
        raise Misused(
            f"the scheme {excerpt(parts.scheme)} is not known",
            operation="from_url",
            hint=f"Use one of {', '.join(sorted(_SCHEMES))}.",
        )
    if not host:
        raise Misused("the URL names no host", operation="from_url")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise Misused(
            "the URL has more than user, password, host and port",
            operation="from_url",
            hint="Percent-encode special characters of user and password.",
        )
    service, security = scheme
    arguments: dict[str, Any] = {
        "host": host,
        "port": port,
        "security": security,
        "user": _unquoted(parts.username),
        "password": _unquoted(parts.password),
    }
    return service, {name: value for name, value in arguments.items() if value is not None}


def _unquoted(part: str | None) -> str | None:
    if not part:
        return None
    from urllib.parse import unquote

    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise Misused(
            "user or password is not UTF-8, percent-encoded", operation="from_url"
        ) from None
