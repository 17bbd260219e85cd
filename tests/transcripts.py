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
