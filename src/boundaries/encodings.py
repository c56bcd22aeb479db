"""Bytes of a text file to text, whichever program saved it.

Goes in: bytes. Comes out: the encoding they are in, and text without what no name may hold.
Next: `boundaries.study` and `boundaries.read`.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["WINDOWS", "decoded", "encoding_of", "one_line", "readable"]

WINDOWS: Final = "cp1252"
"""What Excel and Notepad on a British Windows write when they do not write UTF-8."""

_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_MANGLED: Final = re.compile("[\x80-\x9f]")
_DROPPED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e007f]"
)


def encoding_of(content: bytes, *, whole: bool = True) -> str:
    """Tell the encoding by a mark, by zero bytes, or by whether UTF-8 fits; else Windows-1252.

    Parameters
    ----------
    content
        The bytes of a file, or its beginning.
    whole
        Whether they are all: else a letter may be cut in two at the end.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    if content[1:4:2] in {b"\x00", b"\x00\x00"} and content[:1] != b"\x00":
        return "utf-16-le"
    if content[0:3:2] == b"\x00\x00" and content[1:2] != b"\x00":
        return "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if whole or error.start < len(content) - 4:
            return WINDOWS
    return "utf-8-sig"


def decoded(content: bytes) -> str:
    """Return the text of a file; a byte that its encoding does not have becomes �."""
    return content.decode(encoding_of(content), errors="replace")


def readable(text: str) -> str:
    r"""Return text without characters that cannot be seen and break pages, tables and terminals.

    Control characters and marks of writing direction are dropped; those that Windows-1252 has in
    their place (’ – “ ”) are put right, since a file read as ISO 8859-1 has them so.

    Examples
    --------
    >>> readable("St Mary\x92s \x96 Old\x07 Town")
    'St Mary’s – Old Town'
    """
    if text.isascii() and text.isprintable():
        return text
    return _DROPPED.sub("", _MANGLED.sub(_as_windows, text))


def one_line(text: str) -> str:
    r"""Return readable text on one line, as a file's name or a cell is shown among others.

    Examples
    --------
    >>> one_line("\x1b[31mred\nerror: none")
    '[31mred error: none'
    """
    return readable(" ".join(text.split()) if not text.isprintable() else text)


def _as_windows(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode(WINDOWS, errors="ignore")
