"""All IMAP commands, by the names that the rest of the house uses.

Only this list lives here; the commands are in the five files beside it, by what they are about.
"""

from __future__ import annotations

from courriel.wire.imap.commands_append import Append, Upload
from courriel.wire.imap.commands_folder import (
    Close,
    Create,
    Delete,
    Rename,
    Resync,
    Select,
    Subscribe,
    Unselect,
    Unsubscribe,
)
from courriel.wire.imap.commands_listing import (
    GetQuota,
    GetQuotaRoot,
    List,
    Lsub,
    Namespace,
    Status,
    Xlist,
)
from courriel.wire.imap.commands_message import Copy, Expunge, Fetch, Move, Store
from courriel.wire.imap.commands_search import Search, Sort, Thread
from courriel.wire.imap.commands_session import (
    DONE,
    Authenticate,
    AuthenticateResponse,
    Capability,
    Compress,
    Enable,
    Id,
    Idle,
    Login,
    Logout,
    Noop,
    StartTls,
)
from courriel.wire.imap.traits import Command

__all__ = [
    "DONE",
    "Append",
    "Authenticate",
    "AuthenticateResponse",
    "Capability",
    "Close",
    "Command",
    "Compress",
    "Copy",
    "Create",
    "Delete",
    "Enable",
    "Expunge",
    "Fetch",
    "GetQuota",
    "GetQuotaRoot",
    "Id",
    "Idle",
    "List",
    "Login",
    "Logout",
    "Lsub",
    "Move",
    "Namespace",
    "Noop",
    "Rename",
    "Resync",
    "Search",
    "Select",
    "Sort",
    "StartTls",
    "Status",
    "Store",
    "Subscribe",
    "Thread",
    "Unselect",
    "Unsubscribe",
    "Upload",
    "Xlist",
]
