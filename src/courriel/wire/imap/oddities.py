r"""Name the ways in which real IMAP servers describe messages that the grammar does not know.

The other half of ``quirks``, which says how the table is to be read: FETCH and what is in it.

Only that half of the table lives here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirk:
    """One deviation: an ``example``, what is ``read`` for it, and where it was ``seen``."""

    name: str
    example: bytes
    read: str
    seen: str = ""


_ENVELOPE = b"* 1 FETCH (UID 5 ENVELOPE "
_STRUCTURE = b"* 1 FETCH (UID 5 BODYSTRUCTURE "

GHOST_ENVELOPE = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
GHOST_DATE = b"01-Jan-1970 00:00:00 +0000"

ODDITIES = (
    Quirk(
        "expunged-and-empty",
        b'* 1 FETCH (UID 5 RFC822.SIZE 0 INTERNALDATE "%b" ENVELOPE %b)'
        % (GHOST_DATE, GHOST_ENVELOPE),
        "a message that is not there",
        "Dovecot 2.3, of what another client has expunged; its sections are NIL",
    ),
    Quirk(
        "modseq-negative",
        b"* 1 FETCH (UID 5 MODSEQ (-1))",
        "no MODSEQ",
        "Zoho (MailKit #1686)",
    ),
    Quirk(
        "thread-id-nil",
        b"* 1 FETCH (UID 5 THREADID NIL)",
        "no THREADID",
        "imapflow #353 (and RFC 8474 allows it)",
    ),
    Quirk(
        "number-zero",
        b"* 0 FETCH (FLAGS (\\Seen))",
        "an answer about no message",
        "Courier (MailKit's release notes), when flags change",
    ),
    Quirk(
        "extra-spaces",
        b"*  1  FETCH  ( UID  5   FLAGS  ( \\Seen ) )",
        "one space for many",
        "Domino, inside a structure (MailKit #944)",
    ),
    Quirk(
        "no-space-between-items",
        b"* 1 FETCH (UID 5 FLAGS (\\Seen)RFC822.SIZE 7)",
        "the items one by one",
    ),
    Quirk(
        "lower-case",
        b"* 1 fetch (uid 5 flags (\\SEEN) rfc822.size 7)",
        "names in any case of letters",
        "MailKit's release notes",
    ),
    Quirk(
        "nil-for-values",
        b"* 1 FETCH (UID 5 RFC822.SIZE NIL INTERNALDATE NIL FLAGS NIL)",
        "None, and no flags",
        "MailKit's release notes, for flags",
    ),
    Quirk(
        "size-as-decimal",
        b"* 1 FETCH (UID 5 RFC822.SIZE 9.3736e+06)",
        "about that many",
        "mail.ru (MailKit #1838)",
    ),
    Quirk(
        "date-of-zeros",
        b'* 1 FETCH (UID 5 INTERNALDATE "00-Jan-0000 00:00:00 +0000")',
        "no date",
        "Domino (MailKit's release notes)",
    ),
    Quirk(
        "item-unknown",
        b'* 1 FETCH (UID 5 X-SCORE (1 ("a" NIL)) FLAGS ())',
        "the item as octets",
    ),
    Quirk(
        "section-as-string",
        b'* 1 FETCH (UID 5 BODY[1] "short" BODY[2] "")',
        "the octets of the string",
    ),
    Quirk(
        "section-as-asked-for",
        b'* 1 FETCH (UID 5 BODY.PEEK[1] "one" BINARY.PEEK[2] "two")',
        "the names without PEEK",
        "pymap, of BINARY.PEEK",
    ),
    Quirk(
        "fetch-never-closed",
        b"* 1 FETCH (UID 5 FLAGS (\\Seen)",
        "all of the items",
    ),
    Quirk(
        "envelope-of-nil",
        _ENVELOPE + b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))",
        "an empty envelope",
        "Domino, for a message inside (MailKit #944)",
    ),
    Quirk(
        "envelope-nil",
        _ENVELOPE + b"NIL)",
        "an empty envelope",
    ),
    Quirk(
        "envelope-short",
        _ENVELOPE + b'(NIL "Hi" NIL NIL NIL NIL NIL NIL "<a@b>"))',
        "the fields that are there",
        "MailKit #669 and #932",
    ),
    Quirk(
        "envelope-empty-lists",
        _ENVELOPE + b'(NIL "Hi" () () () () () () NIL NIL))',
        "nobody",
    ),
    Quirk(
        "envelope-address-as-text",
        _ENVELOPE + b'(NIL "Hi" "Ada <a@b.org>" NIL NIL NIL NIL NIL NIL NIL))',
        "the addresses of the text",
    ),
    Quirk(
        "envelope-address-nil",
        _ENVELOPE + b'(NIL "Hi" (NIL (NIL NIL "a" "b.org")) NIL NIL NIL NIL NIL NIL NIL))',
        "the other addresses",
        "MailKit #991",
    ),
    Quirk(
        "envelope-address-reversed",
        _ENVELOPE + b'(NIL "Hi" (("<a@b.org>" NIL "Ada" NIL)) NIL NIL NIL NIL NIL NIL NIL))',
        "the name as the name",
        "Gmail (MailKit's tests)",
    ),
    Quirk(
        "envelope-address-in-brackets",
        _ENVELOPE + b'(NIL "Hi" ((NIL NIL "<a" "b.org>")) NIL NIL NIL NIL NIL NIL NIL))',
        "the address without them",
        "MailKit's tests",
    ),
    Quirk(
        "envelope-nameless-host",
        _ENVELOPE
        + b'(NIL "Hi" (("Ada" NIL NIL ".MISSING-HOST-NAME.")) NIL NIL NIL NIL NIL NIL NIL))',
        "the name alone",
        "Exchange (MailKit #1451)",
    ),
    Quirk(
        "envelope-missing-domain",
        _ENVELOPE + b'(NIL "Hi" ((NIL NIL "root" "MISSING_DOMAIN")) NIL NIL NIL NIL NIL NIL NIL))',
        "the local part alone",
        "Dovecot",
    ),
    Quirk(
        "envelope-host-nil",
        _ENVELOPE + b'(NIL "Hi" ((NIL NIL "root" NIL)) NIL NIL NIL NIL NIL NIL NIL))',
        "the local part alone, as no group ends",
    ),
    Quirk(
        "envelope-group-without-name",
        _ENVELOPE
        + b'(NIL "Hi" ((NIL NIL "" NIL)(NIL NIL "a" "b.org")(NIL NIL "" NIL)) NIL NIL NIL NIL '
        + b"NIL NIL NIL))",
        "the members of the group",
        "Courier, of every group",
    ),
    Quirk(
        "envelope-name-in-quotes",
        _ENVELOPE + b'(NIL "Hi" (("\\"Ada L\\"" NIL "a" "b.org")) NIL NIL NIL NIL NIL NIL NIL))',
        "the name without them",
    ),
    Quirk(
        "envelope-8-bit",
        _ENVELOPE + b'(NIL "Gr\xfc\xdfe" NIL NIL NIL NIL NIL NIL NIL NIL))',
        "text in UTF-8, else Windows-1252",
    ),
    Quirk(
        "envelope-bare-lf",
        _ENVELOPE + b'(NIL "Hi\n there" NIL NIL NIL NIL NIL NIL NIL NIL))',
        "a folded line",
    ),
    Quirk(
        "quotes-not-escaped",
        _ENVELOPE + b'(NIL "say "hi" now" NIL (("a\\" "b")) NIL NIL))',
        "what comes before it, and a defect",
        "MailKit #485, in a structure",
    ),
    Quirk(
        "structure-without-subtype",
        _STRUCTURE + b'("TEXT" ("CHARSET" "utf-8") NIL NIL "7BIT" 12 1))',
        "text/plain, and a defect",
        "MailKit #371",
    ),
    Quirk(
        "structure-nil-types",
        _STRUCTURE + b"(NIL NIL NIL NIL NIL NIL NIL))",
        "a text of no size, and a defect",
    ),
    Quirk(
        "structure-empty-parameters",
        _STRUCTURE + b'("IMAGE" "PNG" () NIL NIL "BASE64" 12))',
        "no parameters",
    ),
    Quirk(
        "structure-size-nil",
        _STRUCTURE + b'("IMAGE" "PNG" NIL NIL NIL "BASE64" NIL))',
        "size 0",
    ),
    Quirk(
        "structure-size-negative",
        _STRUCTURE + b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" -1 -1))',
        "size 0, and no lines",
        "Exchange (MailKit's tests)",
    ),
    Quirk(
        "structure-size-decimal",
        _STRUCTURE + b'("IMAGE" "PNG" NIL NIL NIL "BASE64" 9.3736e+06))',
        "about that many",
        "mail.ru (MailKit #1838)",
    ),
    Quirk(
        "structure-short",
        _STRUCTURE + b'("IMAGE" "PNG" NIL NIL))',
        "the fields that are there",
    ),
    Quirk(
        "structure-without-parameters",
        _STRUCTURE + b'("IMAGE" "PNG" "<a@b>" NIL "BASE64" 12))',
        "no parameters, and a defect",
    ),
    Quirk(
        "structure-disposition-as-string",
        _STRUCTURE + b'("IMAGE" "PNG" NIL NIL NIL "BASE64" 12 NIL "inline" NIL))',
        "the disposition",
        "Exchange (MailKit #919)",
    ),
    Quirk(
        "structure-disposition-of-nil",
        _STRUCTURE + b'("IMAGE" "PNG" NIL NIL NIL "BASE64" 12 NIL (NIL NIL) NIL))',
        "no disposition",
        "Exchange (MailKit's tests)",
    ),
    Quirk(
        "structure-disposition-flat",
        _STRUCTURE + b'("IMAGE" "PNG" NIL NIL NIL "BASE64" 12 NIL ("inline" "filename" "a.png")))',
        "the parameters without their list",
    ),
    Quirk(
        "structure-empty-multipart",
        _STRUCTURE + b'("MIXED" ("BOUNDARY" "b") NIL NIL))',
        "a multipart without parts",
        "Gmail, QQ, Yandex (MailKit #205, #777, #1841, #1861)",
    ),
    Quirk(
        "structure-multipart-as-leaf",
        _STRUCTURE + b'("multipart" "related" ("boundary" "b") NIL NIL "7BIT" 400 NIL NIL))',
        "a multipart without parts",
        "GMX (MailKit #878)",
    ),
    Quirk(
        "structure-message-without-body",
        _STRUCTURE + b'("message" "rfc822"  NIL NIL NIL "7BIT" 99 (NIL NIL) () 7 NIL NIL NIL))',
        "a message whose parts are not known",
        "Domino (MailKit #944)",
    ),
    Quirk(
        "structure-spaces-between-parts",
        _STRUCTURE + b'(("A" "B" NIL NIL NIL "7BIT" 1) ("A" "C" NIL NIL NIL "7BIT" 2) "MIXED"))',
        "the parts",
    ),
    Quirk(
        "structure-8-bit",
        _STRUCTURE + b'("IMAGE" "PNG" ("NAME" "Gr\xc3\xbc\xc3\x9fe.png") NIL NIL "BASE64" 12))',
        "the name in UTF-8, else Windows-1252",
    ),
)
