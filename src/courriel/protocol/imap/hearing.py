"""What a server's words may show, in the log and in errors.

While somebody signs in, a server may repeat what it has heard: in its words, in a code, in place of
a tag. Everything else that it says is shown as it is, cut short. Only that judgement lives here;
what is a repetition is for ``wire.sasl.echo``.
"""

from __future__ import annotations

from dataclasses import replace

from courriel.wire.imap.answers import Answer, Code, Condition, Continuation, Tagged
from courriel.wire.imap.codes import KNOWN
from courriel.wire.imap.frames import Frame
from courriel.wire.sasl.echo import Echo

_SHOWN = 500
_JUDGED = 8_192
"""Octets of a line that are searched for a secret; of a longer one nothing is shown."""


def shown(frame: Frame, echo: Echo | None) -> str:
    """Return a response for the log."""
    if echo is None:
        return frame.text[:_SHOWN].decode("utf-8", "backslashreplace")
    if frame.text.startswith(b"+"):
        return "+ …"
    if len(frame.text) > _JUDGED:
        return "…"
    # Cut short only behind that: half a secret is one too.
    return echo.removed(frame.text.decode("utf-8", "backslashreplace"))[:_SHOWN]


def unechoed(answer: Answer, echo: Echo) -> Answer:
    """Return an answer without what its words repeat of a secret."""
    if isinstance(answer, Continuation):
        said = answer.text.decode("latin-1")
        text = echo.removed_from_challenge(said)
        return answer if text == said else replace(answer, text=text.encode(), code=None)
    if not isinstance(answer, Tagged | Condition):
        return answer
    code = answer.code
    if code is not None:
        code = _unechoed_code(code, echo)
    return replace(answer, code=code, text=echo.removed(answer.text))


def _unechoed_code(code: Code, echo: Echo) -> Code | None:
    if code.name not in KNOWN and echo.removed(code.name) != code.name:
        return None
    if isinstance(code.value, str) and echo.removed(code.value) != code.value:
        return Code(code.name, None)
    return code
