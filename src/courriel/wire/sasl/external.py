"""EXTERNAL (RFC 4422, appendix A): the server knows the user already, from the TLS certificate.

::

    initial response = [authorization identity]

Only this mechanism lives here.
"""

from __future__ import annotations

from courriel.wire.sasl.exchange import Credentials, Exchange
from courriel.wire.sasl.prep import verbatim
from courriel.wire.sasl.turns import concluded

_NAME = "EXTERNAL"


def external(credentials: Credentials) -> Exchange:
    """Sign in with EXTERNAL (RFC 4422, appendix A).

    The response names the user to act as; it is empty, not None, without one:
    then the certificate alone decides. Raises Misused for a user name that
    cannot be sent; Garbled when the server asks for more.
    """
    identity = verbatim(credentials.user, "user name", _NAME) if credentials.user else b""
    concluded(_NAME, (yield identity))
