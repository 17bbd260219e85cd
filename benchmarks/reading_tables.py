"""Name the rows of the reading tables: the peers, each in its best way, and ours in both colours.

Only the rows live here; how they are run is ``readers``' business.
"""

from __future__ import annotations

from benchmarks.readers import Reader, mbsync, mpop, python

WHOLE = (
    Reader("imaplib, unparsed", python("imap_standard", "whole")),
    Reader("IMAPClient, unparsed", python("imap_client", "whole"), "imapclient"),
    Reader("imap-tools", python("imap_tools_", "whole"), "imap_tools"),
    Reader("aioimaplib, unparsed", python("imap_aio", "whole"), "aioimaplib"),
    Reader("mbsync, into a Maildir", mbsync, "mbsync isync"),
    Reader("courriel fetch_many", python("imap_blocking", "whole")),
    Reader("courriel fetch_many, all parts read", python("imap_blocking", "read")),
    Reader("courriel async fetch_many", python("imap_asynchronous", "whole")),
)

ENVELOPES = (
    Reader("imaplib, unparsed", python("imap_standard", "envelopes")),
    Reader("IMAPClient", python("imap_client", "list"), "imapclient"),
    Reader("IMAPClient, by 500", python("imap_client", "chunks"), "imapclient"),
    Reader("IMAPClient, by 500, with structure", python("imap_client", "structure"), "imapclient"),
    Reader("imap-tools, headers", python("imap_tools_", "bulk"), "imap_tools"),
    Reader("imap-tools, headers, by 500", python("imap_tools_", "chunks"), "imap_tools"),
    Reader("aioimaplib, unparsed", python("imap_aio", "envelopes"), "aioimaplib"),
    Reader("courriel messages", python("imap_blocking", "list")),
    Reader("courriel messages, all read", python("imap_blocking", "touch")),
    Reader("courriel async messages", python("imap_asynchronous", "list")),
    Reader("courriel async messages, all read", python("imap_asynchronous", "touch")),
)

SINGLE = (
    Reader("imaplib", python("imap_standard", "single")),
    Reader("IMAPClient", python("imap_client", "single"), "imapclient"),
    Reader("imap-tools", python("imap_tools_", "single"), "imap_tools"),
    Reader("aioimaplib", python("imap_aio", "single"), "aioimaplib"),
    Reader("courriel fetch", python("imap_blocking", "single")),
    Reader("courriel fetch, pipeline", python("imap_blocking", "pipeline")),
    Reader("courriel fetch_many", python("imap_blocking", "whole")),
    Reader("courriel async fetch", python("imap_asynchronous", "single")),
    Reader("courriel async fetch, pipeline", python("imap_asynchronous", "pipeline")),
    Reader("courriel async fetch, 100 tasks", python("imap_asynchronous", "tasks")),
    Reader("courriel async fetch_many", python("imap_asynchronous", "whole")),
)

POP3 = (
    Reader("poplib", python("pop3_standard", "whole")),
    Reader("mpop, into a Maildir", mpop, "mpop mpop"),
    Reader("courriel fetch", python("pop3_blocking", "single")),
    Reader("courriel fetch_many", python("pop3_blocking", "whole")),
    Reader("courriel fetch, pipeline", python("pop3_blocking", "pipeline")),
    Reader("courriel async fetch", python("pop3_asynchronous", "single")),
    Reader("courriel async fetch, 100 tasks", python("pop3_asynchronous", "tasks")),
    Reader("courriel async fetch_many", python("pop3_asynchronous", "whole")),
)
