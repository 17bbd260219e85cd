"""What an SMTP server says it can do (RFC 5321, 4.1.1.1): the EHLO reply as a value.

::

    ehlo-line    = ehlo-keyword *( SP ehlo-param )
    ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from courriel.model.receipt import Reply

# RFC 5321, 4.5.3.1 has no bound on the number of extensions; no server offers 100.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The extensions of one server, each keyword in upper case with its parameters."""

    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, reply: Reply) -> Capabilities:
        """Read them from the reply to EHLO or LHLO; its first line is the server's name."""
        keywords: dict[str, tuple[str, ...]] = {}
        for line in reply.lines[1 : _MOST + 1]:
            words = line.upper().split()
            if not words:
                continue
            keyword, parameters = words[0], words[1:]
            if keyword.startswith("AUTH="):
                # The form of before RFC 2554, still written beside the standard one.
                keyword, parameters = "AUTH", [keyword[5:], *parameters]
            known = keywords.get(keyword, ())
            keywords[keyword] = tuple(dict.fromkeys((*known, *filter(None, parameters[:_MOST]))))
        return cls(keywords)

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.keywords

    @property
    def words(self) -> frozenset[str]:
        """Every keyword, and ``KEYWORD=PARAMETER`` for each of its parameters."""
        return frozenset(self.keywords) | {
            f"{keyword}={parameter}"
            for keyword, parameters in self.keywords.items()
            for parameter in parameters
        }

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms offered (RFC 4954, 3)."""
        return self.keywords.get("AUTH", ())

    @property
    def size(self) -> int | None:
        """The largest message taken, in octets (RFC 1870, 4); None when none is named."""
        for parameter in self.keywords.get("SIZE", ()):
            # 20 digits are the most that RFC 1870, 4 allows.
            if parameter.isascii() and parameter.isdigit() and len(parameter) <= 20:
                return int(parameter) or None
        return None

    def without(self, *keywords: str) -> Capabilities:
        """Return the same server with some extensions left unused."""
        return Capabilities({k: v for k, v in self.keywords.items() if k not in keywords})
