"""Run the sandbox's services on an event loop in a thread of its own.

``Server`` is what people hold; it may be used from any thread. What a service is on the wire is a
machine's business, what a connection is ``connection``'s, which services there are is told in
``services``; here is how they begin and end.
"""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from courriel.errors import Misused
from courriel.model.receipt import Reply
from courriel.sandbox.accounts import Accounts
from courriel.sandbox.authority import Authority
from courriel.sandbox.envelope import SmtpEnvelope
from courriel.sandbox.folders import Folders
from courriel.sandbox.hub import Hub
from courriel.sandbox.imap.policy import IMAP_CAPABILITIES, ImapPolicy
from courriel.sandbox.mailbox import Mailbox
from courriel.sandbox.pop3.policy import POP3_CAPABILITIES, Pop3Policy
from courriel.sandbox.services import SERVICES, House
from courriel.sandbox.smtp import replies
from courriel.sandbox.smtp.policy import CAPABILITIES, MECHANISMS, SmtpPolicy
from courriel.sandbox.store import Store
from courriel.sandbox.stored import StoredMessage

if TYPE_CHECKING:
    import ssl

__all__ = ["Server"]

_MIB = 1024 * 1024
# Connections that wait to be accepted: a test may open a thousand at once.
_BACKLOG = 1_024


class Server:
    """A mail server in memory, for trying out and for tests; **not for production**.

    ::

        with Server(users={"ada": "secret"}) as server:
            ...  # server.host, server.smtp_port, server.ssl_context
            (message,) = server.mailbox("ada").wait()

    It listens on free ports of ``host``, which must be a loopback address unless
    ``allow_remote`` is given: SMTP with STARTTLS on ``smtp_port``, SMTP under TLS on
    ``smtp_tls_port``, LMTP on ``lmtp_port``, POP3 with STLS on ``pop3_port``, POP3 under TLS on
    ``pop3_tls_port``, IMAP with STARTTLS on ``imap_port``, IMAP under TLS on ``imap_tls_port``.
    ``ports`` asks for certain ones, by these names without ``_port``. Messages are kept octet for
    octet in INBOX of their recipients, at most ``capacity`` octets in all and ``message_size``
    each; what is more is refused. Every user also has the folders Drafts, Sent, Trash, Junk and
    Archive.

    ``users`` maps names to passwords (by default one user, ada, with the password secret),
    ``tokens`` names to OAuth 2 tokens; an address leads to the user whose name is its local part,
    and unknown ones are refused, or go to the user ``catch_all``. Mail is taken only from who has
    signed in, unless ``require_auth`` is False; in LMTP nobody needs to. ``capabilities`` (of
    SMTP), ``pop3_capabilities``, ``imap_capabilities`` and ``mechanisms`` say what is offered:
    ``CAPABILITIES - {"CHUNKING"}`` is a server without it.
    ``auth_requires_tls`` and ``tls_required`` make it insist on TLS. ``refuse`` maps addresses to
    the reply that MAIL or RCPT gets, such as ``{"eve@example.org": "550 5.7.1 Go away"}``,
    ``refuse_message`` recipients to the reply that comes once the message is there. ``authority``
    may be shared by several servers.

    Raises Misused for arguments that do not fit, and when ``trustme`` is not installed.
    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        host: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
        domain: str = "example.org",
        tokens: Mapping[str, str] | None = None,
        catch_all: str | None = None,
        capabilities: Collection[str] = CAPABILITIES,
        pop3_capabilities: Collection[str] = POP3_CAPABILITIES,
        imap_capabilities: Collection[str] = IMAP_CAPABILITIES,
        mechanisms: Sequence[str] = MECHANISMS,
        require_auth: bool = True,
        auth_requires_tls: bool = False,
        tls_required: bool = False,
        refuse: Mapping[str, str] | None = None,
        refuse_message: Mapping[str, str] | None = None,
        message_size: int = 64 * _MIB,
        capacity: int = 512 * _MIB,
        authority: Authority | None = None,
        allow_remote: bool = False,
    ) -> None:
        self.host = _checked_host(host, allow_remote=allow_remote)
        self.domain = domain
        self._wanted = _checked_ports(ports or {})
        accounts = Accounts(
            {"ada": "secret"} if users is None else users, tokens=tokens, catch_all=catch_all
        )
        smtp = SmtpPolicy(
            domain,
            capabilities=frozenset(capabilities),
            mechanisms=tuple(mechanisms),
            require_auth=require_auth,
            auth_requires_tls=auth_requires_tls,
            tls_required=tls_required,
            refuse=_parsed(refuse),
            refuse_message=_parsed(refuse_message),
            message_size=message_size,
        )
        self._house = House(
            accounts,
            Store(accounts.users, capacity=capacity),
            authority or Authority(self.host, domain),
            smtp=smtp,
            pop3=_pop3_policy(smtp, pop3_capabilities),
            imap=_imap_policy(smtp, imap_capabilities),
        )
        self._lock = threading.Lock()
        self._ports: dict[str, int] = {}
        self._thread: threading.Thread | None = None
        self._halt: Callable[[], object] = _nothing

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        places = ", ".join(f"{name} {port}" for name, port in self._ports.items())
        return f"<Server on {self.host}: {places or 'not running'}>"

    @property
    def running(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._thread is not None

    @property
    def smtp_port(self) -> int:
        """The port of SMTP with STARTTLS. Raises Misused while the server does not run."""
        return self._port("smtp")

    @property
    def smtp_tls_port(self) -> int:
        """The port of SMTP under TLS. Raises Misused while the server does not run."""
        return self._port("smtp_tls")

    @property
    def lmtp_port(self) -> int:
        """The port of LMTP with STARTTLS. Raises Misused while the server does not run."""
        return self._port("lmtp")

    @property
    def pop3_port(self) -> int:
        """The port of POP3 with STLS. Raises Misused while the server does not run."""
        return self._port("pop3")

    @property
    def pop3_tls_port(self) -> int:
        """The port of POP3 under TLS. Raises Misused while the server does not run."""
        return self._port("pop3_tls")

    @property
    def imap_port(self) -> int:
        """The port of IMAP with STARTTLS. Raises Misused while the server does not run."""
        return self._port("imap")

    @property
    def imap_tls_port(self) -> int:
        """The port of IMAP under TLS. Raises Misused while the server does not run."""
        return self._port("imap_tls")

    @property
    def ca_pem(self) -> str:
        """The certificate of the server's own authority, in PEM."""
        return self._house.authority.ca_pem

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """A new client context that trusts the server, and nobody else."""
        return self._house.authority.client_context()

    @property
    def users(self) -> tuple[str, ...]:
        """The names of all users."""
        return self._house.accounts.users

    def address(self, user: str) -> str:
        """Return an address that leads to ``user``; Misused if there is no such user."""
        self._house.store.mailbox(user)
        return user if "@" in user else f"{user}@{self.domain}"

    def mailbox(self, user: str, folder: str = "INBOX") -> Mailbox:
        """Return a folder of ``user``; Misused if there is no such user or folder."""
        return self._house.store.mailbox(user, folder)

    def folders(self, user: str) -> Folders:
        """Return all folders of ``user``, to be looked at and changed; Misused if no such user."""
        return self._house.store.folders(user)

    def deliver(self, user: str, content: bytes) -> StoredMessage:
        """Put a message into the mailbox of ``user``, past all protocols.

        Raises Misused if there is no such user, Refused when the server is full.
        """
        (stored,) = self._house.store.deliver([user], bytes(content), SmtpEnvelope())
        return stored

    def start(self) -> Self:
        """Start, if it does not run; return the server itself.

        Raises Misused when a port that was asked for cannot be had.
        """
        with self._lock:
            if self._thread is not None:
                return self
            started: Future[dict[str, int]] = Future()
            thread = threading.Thread(
                target=self._run, args=(started,), name="courriel-sandbox", daemon=True
            )
            thread.start()
            try:
                self._ports = started.result()
            except OSError as error:
                thread.join()
                raise Misused(
                    f"cannot listen on {self.host}: {error}",
                    operation="sandbox",
                    hint="Leave ports out to get free ones.",
                ) from error
            self._thread = thread
        return self

    def stop(self) -> None:
        """End all connections and stop, if it runs; the mailboxes stay."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._halt()
                thread.join()
                self._ports = {}

    def _port(self, name: str) -> int:
        try:
            return self._ports[name]
        except KeyError:
            raise Misused(
                "the server does not run", operation="sandbox", hint="Call start(), or use with."
            ) from None

    def _run(self, started: Future[dict[str, int]]) -> None:
        asyncio.run(self._serve(started))

    async def _serve(self, started: Future[dict[str, int]]) -> None:
        loop, stopping, hub = asyncio.get_running_loop(), asyncio.Event(), Hub()
        listeners: dict[str, asyncio.Server] = {}
        try:
            for service in SERVICES:
                listeners[service.name] = await loop.create_server(
                    service.begin(self._house, hub, service.implicit),
                    self.host,
                    self._wanted.get(service.name, 0),
                    backlog=_BACKLOG,
                )
        except OSError as error:
            started.set_exception(error)
        else:
            self._halt = lambda: loop.call_soon_threadsafe(stopping.set)
            started.set_result(
                {name: each.sockets[0].getsockname()[1] for name, each in listeners.items()}
            )
            await stopping.wait()
        await _close(loop, listeners.values(), hub)


async def _close(
    loop: asyncio.AbstractEventLoop, listeners: Iterable[asyncio.Server], hub: Hub
) -> None:
    # asyncio loses a connection that it is accepting while its listener is closed, so that the
    # listeners go deaf first; a proactor loop (Windows) accepts in another way.
    with suppress(NotImplementedError):
        for listener in listeners:
            for each in listener.sockets:
                loop.remove_reader(each.fileno())
    await hub.end()
    for listener in listeners:
        listener.close()
        await listener.wait_closed()


def _checked_host(host: str, *, allow_remote: bool) -> str:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise Misused(
            f"{host!r} is no IP address", operation="sandbox", hint='Give one, such as "127.0.0.1".'
        ) from error
    if not address.is_loopback and not allow_remote:
        raise Misused(
            f"{host} can be reached from other machines, and the sandbox is not made for that",
            operation="sandbox",
            hint="Leave host out, or say allow_remote=True if you mean it.",
        )
    return str(address)


def _checked_ports(ports: Mapping[str, int]) -> dict[str, int]:
    names = [service.name for service in SERVICES]
    for name in ports:
        if name not in names:
            raise Misused(
                f"there is no service {name!r}",
                operation="sandbox",
                hint=f"The services are {', '.join(names)}.",
            )
    return dict(ports)


def _pop3_policy(smtp: SmtpPolicy, capabilities: Collection[str]) -> Pop3Policy:
    return Pop3Policy(
        smtp.domain,
        capabilities=frozenset(capabilities),
        mechanisms=smtp.mechanisms,
        auth_requires_tls=smtp.auth_requires_tls or smtp.tls_required,
    )


def _imap_policy(smtp: SmtpPolicy, capabilities: Collection[str]) -> ImapPolicy:
    return ImapPolicy(
        smtp.domain,
        capabilities=frozenset(capabilities),
        mechanisms=smtp.mechanisms,
        auth_requires_tls=smtp.auth_requires_tls,
        tls_required=smtp.tls_required,
        message_size=smtp.message_size,
    )


def _parsed(refusals: Mapping[str, str] | None) -> dict[str, Reply]:
    return {key.casefold(): replies.parse(text) for key, text in (refusals or {}).items()}


def _nothing() -> None:
    """Halt a server that has never run."""
