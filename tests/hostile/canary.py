"""Two canaries, all the forms that would give them away, and all that an error tells.

The canary is looked for as it is, in base64 at each alignment, in hexadecimal, percent-encoded;
and so is every response that was made of it. Frames of the tests themselves do hold it, and are
left out; those of the library and of Python are not.
"""

from __future__ import annotations

import base64
import pickle
import traceback
from collections.abc import Iterator
from pathlib import Path

from courriel import CourrielError

PASSWORD, TOKEN = "Canary7f3aPassword", "Canary9b1cToken"
HERE = str(Path(__file__).parents[1])


def forms(secret: str) -> Iterator[str]:
    """Yield what would give a secret away."""
    octets = secret.encode()
    yield secret
    yield octets.hex()
    yield octets.hex().upper()
    yield secret[::-1]
    yield "".join(f"%{octet:02X}" for octet in octets)
    for shift in range(3):
        # The characters that depend on what stands before and behind are cut off.
        text = base64.b64encode(b"\0" * shift + octets + b"\0" * (-(shift + len(octets)) % 3))
        yield text.decode()[(shift * 8 + 5) // 6 : (shift + len(octets)) * 8 // 6]


CANARIES = [form for secret in (PASSWORD, TOKEN) for form in forms(secret)]


def hide_nothing(text: str, responses: list[bytes]) -> None:
    """Expect no canary in a text, nor a response that was given."""
    for form in CANARIES:
        assert form not in text
    for response in responses:
        for said in (response, base64.b64encode(response)):
            # What is short may stand there by chance, as the name does.
            if len(said) > 8:
                assert said.decode("latin-1") not in text
                assert repr(said)[2:-1] not in text


def told(error: BaseException) -> str:
    """Return all that an error tells: text, fields, pickle, traceback with locals, causes."""
    words = [str(error), repr(error), repr(vars(error))]
    if isinstance(error, CourrielError):
        pickled = pickle.dumps(error)
        again = pickle.loads(pickled)
        words += [pickled.decode("latin-1"), str(again), repr(vars(again))]
    seen: list[traceback.TracebackException] = [
        traceback.TracebackException.from_exception(error, capture_locals=True)
    ]
    for shown in seen:
        shown.stack[:] = [frame for frame in shown.stack if not frame.filename.startswith(HERE)]
        seen += [linked for linked in (shown.__cause__, shown.__context__) if linked is not None]
        words += ["".join(shown.format(chain=False))]
    return "\n".join(words)
