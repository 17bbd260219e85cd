"""CRAM-MD5 (RFC 2195): a digest of the server's challenge, keyed with the password.

::

    response = user SP 32(lower-case hexadecimal digit)     ; HMAC-MD5(password, challenge)

The password stays here, but the server proves nothing, and whoever listens may guess at leisure:
hence its low rank. Only this mechanism lives here.
"""

from __future__ import annotations

import re

from courriel.errors import Garbled
from courriel.wire.sasl.exchange import Credentials, Exchange
from courriel.wire.sasl.prep import verbatim
from courriel.wire.sasl.turns import challenged, concluded, signing_in

_NAME = "CRAM-MD5"

# RFC 2195, 2: the challenge has the form of a message identifier. That it is one protects a
# little: nobody can have us sign a text of his choice that means something elsewhere.
_CHALLENGE = re.compile(rb"<[\x20-\x3b\x3d\x3f-\x7e]+>")


def cram_md5(credentials: Credentials) -> Exchange:
    """Sign in with CRAM-MD5 (RFC 2195); the server speaks first.

    Raises Misused for a user name or password that cannot be used, before
    anything is yielded; Garbled for a challenge that is none.
    """
    user = verbatim(credentials.user, "user name", _NAME)
    verbatim(credentials.password, "password", _NAME)
    challenge = challenged(_NAME, (yield None))
    if not _CHALLENGE.fullmatch(challenge):
        raise Garbled(
            "the challenge is not a message identifier in angle brackets",
            operation=signing_in(_NAME),
            hint="Tell whoever runs the server.",
        )
    concluded(_NAME, (yield user + b" " + _digest(credentials, challenge)))


def _digest(credentials: Credentials, challenge: bytes) -> bytes:
    import hmac

    key = verbatim(credentials.password, "password", _NAME)
    return hmac.new(key, challenge, "md5").hexdigest().encode()
