r"""Name the ways in which real IMAP servers leave the grammar, and what is read instead.

A quirk is accepted where its reading is the only one possible; everything else stays Garbled. Each
has an example, which is what the tests read. ``seen`` says who reported it: ``#`` numbers are
issues of github.com/jstedfast/MailKit and github.com/postalsys/imapflow. Where it is empty, servers
are said to do so, and nothing else could be meant.

Only the table, the words that servers write for what is missing, and how the servers of a quirk are
known, live here; quirks of a single message are in ``oddities``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from courriel.wire.imap.oddities import ODDITIES, Quirk

NO_DOMAINS = frozenset(
    {b"MISSING_DOMAIN", b".MISSING-HOST-NAME.", b".SYNTAX-ERROR.", b"unspecified-domain"}
)
"""What servers write for a domain they lack: Dovecot the first, Exchange the second (MailKit
#1451), the University of Washington's and Cyrus the others."""
NO_MAILBOXES = frozenset({b"MISSING_MAILBOX", b"INVALID_ADDRESS", b"unspecified-mailbox"})
"""The same for a local part."""

BREAKS_AT_BINARY = Quirk(
    "binary-ends-the-session",
    b"* BYE FETCH failed: Internal error occurred. Refer to server log for more information.",
    "the end, so BINARY is asked only for what has no encoding to undo",
    "Dovecot 2.3, of base64 and quoted-printable that is cut off or lacks its padding",
)
_BREAKERS = re.compile("dovecot", re.IGNORECASE)


def breaks_at_binary(greeting: str, identity: Mapping[str, str | None] | None) -> bool:
    """Whether a server is one that ends the session when it cannot decode a part."""
    name = (identity or {}).get("name") or ""
    return _BREAKERS.search(name) is not None or _BREAKERS.search(greeting) is not None


QUIRKS = (
    Quirk(
        "separator-not-escaped",
        b'* LIST (\\HasNoChildren) "\\" "Sent"',
        "the backslash as the separator",
    ),
    Quirk(
        "empty-separator",
        b'* LIST (\\HasNoChildren) "" "Sent"',
        "no separator",
    ),
    Quirk(
        "name-without-quotes",
        b'* LIST (\\HasNoChildren) "/" Sent Items',
        "the rest of the line as the name",
    ),
    Quirk(
        "status-name-without-quotes",
        b"* STATUS Sent Items (MESSAGES 3 UNSEEN 1)",
        "the name up to the list",
        "mailutils",
    ),
    Quirk(
        "status-name-with-parentheses",
        b"* STATUS Sent (old) (MESSAGES 3 UNSEEN 1)",
        "the name up to the last list",
        "mailutils",
    ),
    Quirk(
        "expunged-for-expunge",
        b"* 3 EXPUNGED",
        "EXPUNGE",
        "mailutils",
    ),
    Quirk(
        "name-in-utf8",
        b'* LIST () "/" "Entw\xc3\xbcrfe"',
        "UTF-8 though it was not enabled",
    ),
    Quirk(
        "attributes-nil",
        b'* LIST NIL "/" "Sent"',
        "no attributes",
    ),
    Quirk(
        "bracket-in-flags",
        b"* FLAGS (\\Seen [Junk] a]b)",
        "the bracket as a part of the flag",
        "Gmail and others keep keywords of other clients as they are",
    ),
    Quirk(
        "bracket-in-permanent-flags",
        b"* OK [PERMANENTFLAGS ([Junk] \\*)] Limited",
        "the code up to the bracket behind its list",
        "as above",
    ),
    Quirk(
        "no-text",
        b"A1 OK",
        "an empty text",
    ),
    Quirk(
        "code-without-text",
        b"A1 OK [READ-WRITE]",
        "the code, and an empty text",
    ),
    Quirk(
        "code-without-value",
        b"* OK [UIDNEXT] unknown",
        "None for the number",
    ),
    Quirk(
        "code-never-closed",
        b"A1 NO [SERVERBUG internal error",
        "the bracket as text",
    ),
    Quirk(
        "copyuid-without-sets",
        b"A1 OK [COPYUID 1] done",
        "no UIDs",
        "MailKit's release notes",
    ),
    Quirk(
        "search-with-trailing-space",
        b"* SEARCH ",
        "nothing found",
    ),
    Quirk(
        "search-of-nil",
        b"* SEARCH NIL",
        "nothing found",
    ),
    Quirk(
        "search-with-commas",
        b"* SEARCH 1,2,3",
        "the numbers",
    ),
    Quirk(
        "esearch-all-empty",
        b'* ESEARCH (TAG "A1") UID ALL',
        "nothing found",
    ),
    Quirk(
        "esearch-all-quoted",
        b'* ESEARCH (TAG "A1") UID ALL "" COUNT 0',
        "nothing found",
    ),
    Quirk(
        "esearch-in-parentheses",
        b'* ESEARCH (TAG "A1") UID (COUNT 2 ALL 4:5)',
        "the results in them",
        "MailKit's release notes",
    ),
    Quirk(
        "highestmodseq-negative",
        b"* OK [HIGHESTMODSEQ -1] ok",
        "no HIGHESTMODSEQ",
        "Zoho, as MODSEQ",
    ),
    Quirk(
        "status-negative",
        b"* STATUS INBOX (MESSAGES 3 HIGHESTMODSEQ -1)",
        "None for that counter",
        "Zoho, as MODSEQ",
    ),
    Quirk(
        "namespace-short",
        b'* NAMESPACE (("" "/")) NIL',
        "what is missing as empty",
    ),
    Quirk(
        "namespace-nil-separator",
        b'* NAMESPACE (("" NIL)) NIL NIL',
        "no separator",
        "imapflow #351 (and RFC 2342 allows it)",
    ),
    Quirk(
        "identity-odd",
        b'* ID ("name" "QQ" "vendor")',
        "the pairs that are whole",
    ),
    BREAKS_AT_BINARY,
    *ODDITIES,
)
