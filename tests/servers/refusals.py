"""Name the domains that the test Postfix serves, and the addresses that it refuses, and when.

A refusal can come at every step of a transaction, so there is an address for every step; each
reply is given by the real server, through its access tables (access(5)).

Only these tables live here.
"""

from __future__ import annotations

DOMAIN = "example.org"
"""Delivered by LMTP into Dovecot."""
MAILDIR_DOMAIN = "maildir.example"
"""Delivered by virtual(8) into the same mailboxes; takes SMTPUTF8, which Dovecot's LMTP lacks."""
UTF8_DOMAIN = "bücher.example"
"""Delivered as MAILDIR_DOMAIN is."""
UTF8_DOMAIN_ASCII = "xn--bcher-kva.example"
"""The same domain as an A-label."""
DISCARD_DOMAIN = "discard.example"
"""Every recipient is accepted, and the message thrown away: for measuring."""

UNKNOWN = f"nobody@{DOMAIN}"
"""A recipient that does not exist: 550 5.1.1 at RCPT."""

RECIPIENT_REFUSALS = {
    f"busy@{DOMAIN}": "450 4.2.1 The mailbox is busy, try again later",
    f"full@{DOMAIN}": "552 5.2.2 The mailbox is full",
    f"goodbye@{DOMAIN}": "421 4.3.2 The service is closing",
}
"""Recipient -> what RCPT is answered. After 421 the server hangs up."""

MAIL_REFUSALS = {
    f"refused-at-mail@{DOMAIN}": "550 5.7.1 Not from you",
    f"goodbye-at-mail@{DOMAIN}": "421 4.3.2 The service is closing",
}
"""Sender -> what MAIL is answered."""

DATA_REFUSALS = {
    f"refused-at-data@{DOMAIN}": "554 5.7.1 No data from you",
    f"goodbye-at-data@{DOMAIN}": "421 4.3.2 The service is closing",
}
"""Sender -> what DATA, or the first BDAT, is answered."""

END_REFUSALS = {
    f"refused-at-end@{DOMAIN}": "554 5.6.0 Not such a message",
    f"busy-at-end@{DOMAIN}": "451 4.3.0 Try this message again later",
    f"goodbye-at-end@{DOMAIN}": "421 4.3.2 The service is closing",
}
"""Sender -> what the whole message is answered."""
