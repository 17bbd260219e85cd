"""What is said about a message before it: the parameters of MAIL and RCPT, and what they need.

::

    SIZE=n               RFC 1870, 6      what the server may check at once
    BODY=8BITMIME        RFC 6152, 3      BODY=BINARYMIME   RFC 3030, 3
    SMTPUTF8             RFC 6531, 3.4    only where an address or a header needs it
    RET= ENVID=          RFC 3461, 4      NOTIFY= ORCPT=    a recipient each
    REQUIRETLS           RFC 8689, 2

A capability that the message needs and the server lacks is an error here, before a byte goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from courriel.errors import Misused, NotSupported, SendRefused
from courriel.model.receipt import Refusal, Reply
from courriel.model.sendoptions import PLAIN_OPTIONS, SendOptions
from courriel.protocol.smtp import SmtpMachine
from courriel.wire.lines import LINE_OCTETS
from courriel.wire.smtp.commands import Mail, Rcpt, xtext


@dataclass(frozen=True, slots=True)
class Traits:
    """What a body asks of the transport. ``octets`` is None where it is not known."""

    octets: int | None
    eight_bit: bool = False
    binary: bool = False
    """It holds NUL, or lines of more than 998 octets."""
    utf8: bool = False


def check_options(options: object) -> None:
    """Raise Misused for options of another kind."""
    if not isinstance(options, SendOptions):
        raise Misused(f"options cannot be {type(options).__name__}", hint="Give SendOptions(…).")


def check_size(
    machine: SmtpMachine, traits: Traits, labels: Sequence[str], message_id: str | None
) -> None:
    """Raise SendRefused when the server has said that it takes no message of this size."""
    limit = machine.capabilities.size
    if limit is None or traits.octets is None or traits.octets <= limit:
        return
    text = f"the message has {traits.octets} octets, the server takes at most {limit}"
    refusal = Refusal(Reply(552, (text,), "5.3.4"), "MAIL")
    raise SendRefused(
        text,
        hint="Send less, or a link to it.",
        code=552,
        enhanced="5.3.4",
        text=text,
        command="MAIL",
        refused=dict.fromkeys(labels, refusal),
        message_id=message_id,
    )


def check_traits(machine: SmtpMachine, traits: Traits, *, chunked: bool) -> None:
    """Raise NotSupported or Misused when the server cannot take a body like this."""
    offered = machine.capabilities
    if traits.utf8 and "SMTPUTF8" not in offered:
        raise NotSupported(
            "the server does not offer SMTPUTF8, which an address or header needs",
            capability="SMTPUTF8",
            hint="Use an ASCII address, or encode the header by RFC 2047.",
        )
    if traits.eight_bit and "8BITMIME" not in offered:
        raise NotSupported(
            "the server does not offer 8BITMIME, and the message has octets above 127",
            capability="8BITMIME",
            hint="Encode its parts as quoted-printable or base64.",
        )
    # Under BDAT a message is framed by its length, whatever its lines are (RFC 3030, 2).
    if traits.binary and not chunked:
        raise long_line()


def long_line() -> Misused:
    """Return the error for a body that only BINARYMIME could carry."""
    return Misused(
        f"the message has a line of more than {LINE_OCTETS} octets",
        hint="Encode the part as quoted-printable or base64 (RFC 5321, 4.5.3.1.6).",
    )


def mail_command(
    machine: SmtpMachine, sender: str, traits: Traits, options: SendOptions, *, announce: bool
) -> Mail:
    """Return MAIL with all that this message needs to say.

    ``announce`` False leaves out what only informs (SIZE, BODY). Raises
    NotSupported for an option that the server does not offer.
    """
    offered = machine.capabilities.keywords
    parameters: list[str] = []
    if announce and traits.octets is not None and "SIZE" in offered:
        parameters.append(f"SIZE={traits.octets}")
    if traits.binary and "BINARYMIME" in offered:
        parameters.append("BODY=BINARYMIME")
    elif announce and (traits.eight_bit or traits.utf8) and "8BITMIME" in offered:
        parameters.append("BODY=8BITMIME")
    if traits.utf8:
        parameters.append("SMTPUTF8")
    if options is not PLAIN_OPTIONS:
        parameters += _asked(machine, options)
    return Mail(sender, tuple(parameters))


def _asked(machine: SmtpMachine, options: SendOptions) -> list[str]:
    offered = machine.capabilities
    parameters: list[str] = []
    if options.require_tls:
        if not machine.secured or "REQUIRETLS" not in offered:
            raise NotSupported(
                "the server does not offer REQUIRETLS on this connection",
                capability="REQUIRETLS",
                hint="It is offered only under TLS (RFC 8689, 2); without it, drop require_tls.",
            )
        parameters.append("REQUIRETLS")
    asks = options.notify or options.return_ or options.envelope_id is not None
    if (asks or options.original_recipients) and "DSN" not in offered:
        raise NotSupported(
            "the server does not offer DSN, so it cannot be asked for notifications",
            capability="DSN",
            hint="Leave notify, return_, envelope_id and original_recipients out.",
        )
    if options.return_:
        parameters.append(f"RET={options.return_}")
    if options.envelope_id is not None:
        parameters.append(f"ENVID={xtext(options.envelope_id)}")
    return parameters


def rcpt_commands(recipients: Sequence[str], options: SendOptions) -> list[Rcpt]:
    """Return a RCPT for each forward-path."""
    originals = options.original_recipients or {}
    if not options.notify and not originals:
        return [Rcpt(path) for path in recipients]
    notify = (f"NOTIFY={','.join(options.notify)}",) if options.notify else ()
    commands: list[Rcpt] = []
    for path in recipients:
        original = originals.get(path, path)
        if original.isascii():
            orcpt = f"ORCPT=rfc822;{xtext(original)}"
        else:
            # RFC 6533, 3: the address type for internationalised addresses.
            orcpt = f"ORCPT=utf-8;{_utf8_xtext(original)}"
        commands.append(Rcpt(path, (*notify, orcpt)))
    return commands


def _utf8_xtext(address: str) -> str:
    """Return an address as utf-8-addr-xtext (RFC 6533, 3)."""
    return "".join(
        character
        if "!" <= character <= "~" and character not in "+=\\"
        else f"\\x{{{ord(character):X}}}"
        for character in address
    )
