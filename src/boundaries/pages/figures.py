"""How every matplotlib picture looks, and how it becomes SVG text or a PNG file.

Goes in: a drawing function's figure. Comes out: one SVG element to set in a page, and a picture
file of the same figure. Text in the SVG stays text (it can be searched and read aloud) and the
same figure gives the same bytes every time.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any, Final

from boundaries.pages.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.figure import Figure

__all__ = ["BLUE", "DARK", "GREY", "INK", "PALE", "drawing", "save_png", "svg_of"]

INK: Final = "#212b32"
BLUE: Final = "#005eb8"
DARK: Final = "#003087"
GREY: Final = "#4c6272"
PALE: Final = "#d8dde0"

_STYLE: Final[dict[str, Any]] = {
    # DejaVu ships with matplotlib: the same layout on every machine. Pages show it as Arial.
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a practice's name is a dollar sign
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "boundaries",
    "path.simplify": True,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw and save inside this block: the house's style, whatever the user's settings are."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        for key, value in _STYLE.items():
            mpl.rcParams[key] = value  # type: ignore[index] # its keys are typed as literals
        yield


def svg_of(figure: Figure, name: str, *, label: str) -> str:
    """Return the figure as one SVG element, ready to be set in a page.

    Parameters
    ----------
    figure
        A figure made inside `drawing`.
    name
        Letters, digits and dashes, unlike any other picture's on the page: it keeps the ids
        inside the element apart from those of other pictures.
    label
        What the picture shows, read aloud instead of it; the table beside it has the figures.
    """
    buffer = io.BytesIO()
    with drawing():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue().decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<(metadata|style)\b.*?</\1>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", lambda tag: _tidy_tag(tag[0], name), text)
    _, _, rest = text.partition(">")
    box = " ".join(f"{side:g}" for side in (0, 0, *(72 * figure.get_size_inches())))
    # No width or height: the page decides, and the viewBox keeps the shape on any screen.
    return (
        f'<svg viewBox="{box}" role="img" aria-label="{escape(label, quote=True)}" '
        f'style="stroke-linejoin:round;stroke-linecap:butt">{rest.strip()}'
    )


def _tidy_tag(tag: str, name: str) -> str:
    """Shorten the numbers of a tag and give its ids the picture's name. Text is left alone."""
    tag = re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", tag)
    tag = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{name}-", tag)
    tag = re.sub(r"\s*\n\s*", " ", tag)
    return tag.replace("xlink:href", "href").replace(
        "'DejaVu Sans'", "Arial, Helvetica, sans-serif"
    )


def save_png(figure: Figure, path: Path, *, dots_per_inch: int = 200) -> None:
    """Write the figure as a picture file, whole or not at all, the same bytes every time."""
    with whole_file(path) as part, drawing():
        figure.savefig(part, format="png", dpi=dots_per_inch, metadata={"Software": None})
