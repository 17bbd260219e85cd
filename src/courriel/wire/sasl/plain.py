"""PLAIN (RFC 4616): the user name and the password, once, in clear.

::

    message = [authzid] UTF8NUL authcid UTF8NUL passwd

The authorization identity stays empty: the user acts as himself. Only this mechanism lives here.
"""

from __future__ import annotations

from courriel.wire.sasl.exchange import Credentials, Exchange
from courriel.wire.sasl.prep import verbatim
from courriel.wire.sasl.turns import concluded

_NAME = "PLAIN"


def plain(credentials: Credentials) -> Exchange:
    """Sign in with PLAIN (RFC 4616).

    Raises Misused for a user name or password that cannot be sent, before
    anything is yielded; Garbled when the server asks for more.
    """
    answer = yield (
        b"\0"
        + verbatim(credentials.user, "user name", _NAME)
        + b"\0"
        + verbatim(credentials.password, "password", _NAME)
    )
    concluded(_NAME, answer)
