"""How scripted conversations begin and end, wherever nothing about that is the point."""

from __future__ import annotations

GREETED = """
S: 220 mx.example.org ready
C: EHLO me.example.org
"""
OPEN = (
    GREETED
    + """
S: 250-mx.example.org
S: 250 PIPELINING
"""
)
BYE = """
C: QUIT
S: 221 bye
"""

POP3_CAPABLE = """
C: CAPA
S: +OK
S: TOP
S: UIDL
S: USER
S: RESP-CODES
S: PIPELINING
S: .
"""
POP3_GREETED = "S: +OK ready\n" + POP3_CAPABLE
POP3_OPEN = (
    POP3_GREETED
    + """
C: USER ada
S: +OK
C: PASS secret
S: +OK
"""
    + POP3_CAPABLE
)
POP3_LISTED = """
C: LIST
C: UIDL
S: +OK 3 messages
S: 1 120
S: 2 200
S: 3 330
S: .
S: +OK
S: 1 aaa
S: 2 bbb
S: 3 ccc
S: .
"""
POP3_BYE = """
C: QUIT
S: +OK bye
"""
