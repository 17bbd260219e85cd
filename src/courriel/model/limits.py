"""Every bound of the house, named, with its reason.

A server, or whoever sits between, decides what arrives; these numbers decide how much of it we
hold, believe or compute. Each may be raised by the caller who knows his server.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from courriel.errors import Misused
from courriel.model.characters import excerpt

KIB = 1024
MIB = 1024 * KIB
_MOST = MIB * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is accepted, held and kept in flight. Sizes are octets."""

    reply_line: int = 4 * KIB
    """One line of an SMTP reply, and the status line of a POP3 answer. RFC 5321, 4.5.3.1.5 and
    RFC 2449, 4 allow 512; servers write longer ones."""
    reply_lines: int = 1_000
    """Lines of one reply: an endless ``250-`` must end."""
    reply_size: int = 256 * KIB
    """One whole reply, all lines together."""

    sasl_challenge: int = 64 * KIB
    """One decoded challenge. The longest real ones (Kerberos) are about 12 KiB."""
    sasl_rounds: int = 10
    """Challenges in one exchange. SCRAM needs three."""
    scram_iterations_minimum: int = 4_096
    """RFC 7677, 4: fewer make the password cheap to guess."""
    scram_iterations_maximum: int = 1_000_000
    """0.2 s of computing; 2**31 - 1 would be seven minutes (CVE-2026-42256)."""

    window_messages: int = 100
    """Messages in flight on one connection, answers outstanding."""
    window_octets: int = 4 * MIB
    """Octets of those messages; a larger single message still goes, alone."""
    eager_body: int = 1 * MIB
    """Up to this size a body goes out behind its envelope without waiting; a larger one would be
    wasted on a refusal, and streams."""
    body_chunk: int = 256 * KIB
    """Octets of a streamed body that are held at a time."""
    recipients: int = 10_000
    """Recipients of one message."""

    response_line: int = 4 * MIB
    """One IMAP response without its literals: half a million numbers of a SEARCH (RFC 9051, 7.3.4)
    by a server that cannot write ranges."""
    literal: int = 4 * 1024 * MIB
    """One IMAP literal, and one POP3 message; ``{99999999999}`` must not be believed."""
    literal_memory: int = 64 * KIB
    """Octets of a message that are held in memory before somebody asks for it; the rest waits in a
    temporary file."""
    answers: int = 1_000_000
    """Untagged answers to one IMAP command, and messages of a POP3 mailbox: an endless ``* LIST``
    must end."""
    answers_held: int = 256 * MIB
    """Octets of those answers that are held until whoever has asked takes them. Streams take them
    as they come; a million answers that are a hundred octets long fit in."""
    imap_token: int = 4 * KIB
    """A literal where a name, a flag or a number of an IMAP answer is expected."""
    imap_words: int = 10_000
    """Words in one list of capabilities or flags; real ones have a few dozen."""
    imap_text: int = 1 * MIB
    """A literal in an ENVELOPE or BODYSTRUCTURE: as long as a whole header may be."""
    imap_nesting: int = 100
    """Lists in lists of a BODYSTRUCTURE that are read; real mail stays under thirty."""
    imap_parts: int = 10_000
    """Parts of one BODYSTRUCTURE that are read."""
    imap_addresses: int = 10_000
    """Addresses of one ENVELOPE that are read."""
    listing: int = 32 * MIB
    """One POP3 listing, LIST or UIDL, as octets: 400,000 messages with the longest names there are
    (RFC 1939, 7), a million with short ones."""
    retrievals: int = 256
    """Messages that a POP3 stream has asked for beyond the one that is being looked at; their
    octets are bounded by ``window_octets``."""
    fetch_window: int = 512
    """Messages that a stream has asked the server for and not handed over."""
    idle: int = 25 * 60
    """Seconds after which IDLE is taken up anew; RFC 2177 says to do so before 29 minutes."""
    poll: int = 60
    """Seconds between looks where the server has no IDLE."""

    mail_header: int = 1 * MIB
    """One header block of a message that is read. Servers take about 100 KiB."""
    mail_fields: int = 50_000
    """Fields of one header block. Each costs more than its octets; real mail has a hundred."""
    mail_depth: int = 200
    """Multiparts inside multiparts. Real mail stays under ten, trials of readers pass a hundred."""
    mail_parts: int = 10_000
    """Parts of one message, all levels together."""
    mail_addresses: int = 50_000
    """Addresses of all fields of one name that are read; a header of 1 MiB holds about as many."""
    mail_references: int = 1_000
    """Message-IDs of References that are read, the last ones; a thread of a year has a hundred."""
    mail_segments: int = 1_000
    """Segments of one parameter that are read; a file name of 60 KiB is long enough."""
    mail_links: int = 100
    """Links of List-Unsubscribe that are read; real ones have two."""
    mail_html: int = 4 * MIB
    """Characters of HTML that are turned into text. A newspaper in one mail has less."""
    mail_enclosed: int = 1_000
    """Files in uuencode of one text, and files in one ``winmail.dat``."""
    mail_tnef: int = 10
    """``winmail.dat`` of one mail that are opened, and messages inside messages in one of them."""
    mail_rtf: int = 2 * MIB
    """Octets of RTF that are unpacked and read of one ``winmail.dat``; a text is a tenth of it."""
    report_recipients: int = 10_000
    """Recipients of one delivery report that are read, as many as a message may have."""

    dkim_signatures: int = 10
    """DKIM signatures of one message that are verified, each with a look-up and a hash of its own;
    mailing lists make three."""
    dkim_field: int = 64 * KIB
    """One DKIM-Signature field, and one key record; real ones have about 1 KiB."""
    dkim_header: int = 1 * MIB
    """The header of a message that is signed or verified. Servers take about 100 KiB."""

    cms_depth: int = 32
    """Elements of unknown length inside each other in an S/MIME message. Real ones have six."""
    cms_elements: int = 100_000
    """Elements of one level of it: the pieces of 400 MB of content, at 4 KiB each."""
    cms_signers: int = 10
    """Signers of one S/MIME message, each with a way to a root of its own; real mail has one."""
    cms_certificates: int = 100
    """Certificates that one S/MIME message brings along; real ones have two to four."""
    cms_recipients: int = 10_000
    """Recipients of one encrypted S/MIME message, as many as a message may have."""
    certificate_path: int = 10
    """Certificates from a signer to a root. Real ways have two to four."""
    certificate_checks: int = 100
    """Signatures of certificates that are checked for one message, in search of the ways of all its
    signers; a message may bring certificates that all issue each other."""
    pgp_content: int = 256 * MIB
    """Octets of a message when OpenPGP has decrypted it. It compresses: a small message could fill
    the memory."""

    minimum_rate: int = 512
    """Octets a second that a bulk transfer must advance by, on average over ``Timeout.read``."""

    farewell: int = 2
    """Seconds that closing waits for the answer to QUIT; the connection is over anyway."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or not 1 <= value <= _MOST:
                raise Misused(
                    f"{field.name} must be a positive whole number, not {excerpt(value)}",
                    operation="Limits",
                )


DEFAULT = Limits()
"""What holds where nobody says otherwise."""
