"""Test what is built on courriel, and what courriel could be built on.

``ReadingSuite`` is a conformance suite: whoever writes a session that reads mail, over whatever
protocol, subclasses it, says how to get one, and has every test that POP3 and IMAP pass. ::

    class TestMySession(ReadingSuite):
        @contextmanager
        def account(self, sources):
            ...                         # an INBOX that holds exactly these messages
            yield lambda: MySession(...)

``ScriptedServer`` plays a transcript to a session, without a socket and in virtual time. Nothing
here needs pytest; any runner that calls methods named ``test_…`` will do.
"""

from __future__ import annotations

from courriel.drive.conversation import Conversation
from courriel.drive.scripted import ScriptedServer, virtual_loop
from courriel.testing.letters import BROKEN, LETTERS
from courriel.testing.reading import ReadingSuite
from courriel.testing.spoken import Spoken, run

__all__ = [
    "BROKEN",
    "LETTERS",
    "Conversation",
    "ReadingSuite",
    "ScriptedServer",
    "Spoken",
    "run",
    "virtual_loop",
]
