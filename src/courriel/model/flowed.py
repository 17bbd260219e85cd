"""Put the paragraphs of a flowed text together again.

::

    flowed-line = *">" [SP] *text-char SP line-end              RFC 3676, 4.1 to 4.5
    fixed-line  = *">" [SP] *text-char no-space line-end
    sig-line    = *">" [SP] "--" SP line-end

A line that ends with a space goes on in the next one of the same quotation level; with ``DelSp``
that space was only put there to say so. The line in front of a signature is never joined, nor that
in front of an empty one: many programs leave a space where a paragraph ends, although 4.2 forbids.

Nothing here raises, time is linear. Only this reading lives here.
"""

from __future__ import annotations

SIGNATURE = "-- "


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Return ``text`` (lines apart by LF) with one line for each paragraph.

    Quotation marks are kept, as ``>>`` and a space. ``delete_space`` is the
    parameter DelSp (RFC 3676, 4.1).
    """
    done: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        level = len(line) - len(content)
        # One space was put in front where the line could have been taken for another kind.
        content = content.removeprefix(" ")
        if paragraph and (level != depth or content in {"", SIGNATURE}):
            # The paragraph goes on in a line that is not one of its own: it ends here.
            done.append(_written(paragraph, depth))
            paragraph = []
        depth = level
        flows = content.endswith(" ") and content != SIGNATURE
        paragraph.append(content[:-1] if flows and delete_space else content)
        if not flows:
            done.append(_written(paragraph, depth))
            paragraph = []
    if paragraph:
        done.append(_written(paragraph, depth))
    return "\n".join(done)


def _written(paragraph: list[str], depth: int) -> str:
    text = "".join(paragraph)
    if not depth:
        return text
    return f"{'>' * depth} {text}" if text else ">" * depth
