"""LOGIN (draft-murchison-sasl-login): the server asks for the name, then for the password.

The prompts are "Username:" and "Password:", or "User Name" and "Password", or something else, in
any language: the draft tells clients to ignore their text, and so do we. What counts is that there
are exactly two. Only this mechanism lives here.
"""

from __future__ import annotations

from courriel.wire.sasl.exchange import Credentials, Exchange
from courriel.wire.sasl.prep import verbatim
from courriel.wire.sasl.turns import challenged, concluded

_NAME = "LOGIN"


def login(credentials: Credentials) -> Exchange:
    """Sign in with LOGIN; the server speaks first.

    Raises Misused for a user name or password that cannot be sent, before
    anything is yielded; Garbled when the server does not ask exactly twice.
    """
    verbatim(credentials.user, "user name", _NAME)
    verbatim(credentials.password, "password", _NAME)
    challenged(_NAME, (yield None))
    challenged(_NAME, (yield verbatim(credentials.user, "user name", _NAME)))
    concluded(_NAME, (yield verbatim(credentials.password, "password", _NAME)))
