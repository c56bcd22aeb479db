"""Replies to a draft, as people send them: small JSON files of strangers.

Goes in: a folder. Comes out: `Reply` objects and a problem for every file that is none. A reply
is believed in nothing but that somebody wrote it: its text is one line of text, its codes are
looked up later. Next: `boundaries.replying`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Final, Literal, NoReturn

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from boundaries.errors import InputError
from boundaries.limits import how_to_raise, limit
from boundaries.problems import Problem
from boundaries.read.engagement import one_line

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FORMAT", "Reply", "Wish", "read_replies"]

FORMAT: Final = "boundaries-reply"
"""What every reply says it is."""

_NAME: Final = re.compile(r"[\w.()\- ]{1,120}\.json", re.IGNORECASE)

Text = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(one_line)]
Short = Annotated[str, StringConstraints(max_length=200), AfterValidator(one_line)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,12}$")]
Codes = Annotated[tuple[Code, ...], Field(max_length=2_000, strict=False)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Sender(_Part):
    """Who replies, as far as they say."""

    name: Short = ""
    role: Short = ""
    organisation: Short = ""


class About(_Part):
    """What a reply is about: a practice or PCN by its code, an area by its LSOAs, or the whole."""

    kind: Literal["practice", "pcn", "area", "whole"]
    codes: Codes = ()
    name: Short = ""

    @model_validator(mode="after")
    def _sensible(self) -> About:
        if (self.kind == "whole") == bool(self.codes):
            raise ValueError("the whole has no codes, anything else has some")
        if self.kind in ("practice", "pcn") and len(self.codes) != 1:
            raise ValueError("a practice or PCN is one code")
        return self


class Wish(_Part):
    """A lock that a reply asks for."""

    kind: Literal["stays", "together", "apart", "with"]
    codes: Codes = Field(min_length=1)

    @model_validator(mode="after")
    def _sensible(self) -> Wish:
        if self.kind == "with" and len(self.codes) != 2:
            raise ValueError("with names two codes: who, and with whom")
        if self.kind in ("together", "apart") and len(self.codes) < 2:
            raise ValueError(f"{self.kind} names at least two codes")
        return self


class Reply(_Part):
    """One reply; ``file`` is its name, put in when it was read."""

    format: Literal["boundaries-reply"]
    version: Literal[1]
    study: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{0,64}$")] = ""
    place: Short = ""
    option: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,64}$")] = ""
    made: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    sender: Sender = Sender()
    about: About
    view: Literal["support", "can live with", "object"]
    reason: Text = ""
    answers: Annotated[tuple[Text, ...], Field(max_length=3, strict=False)] = ()
    lock: Wish | None = None
    file: str = ""


def read_replies(folder: Path) -> tuple[tuple[Reply, ...], tuple[Problem, ...]]:
    """Read every reply in a folder; folders in it, links and other files are left alone.

    Returns
    -------
    tuple
        The replies by their files' names, and an error for every ``.json`` file that is none.

    Raises
    ------
    InputError
        When there are too many, or none.
    """
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".json" and path.is_file() and not path.is_symlink()
    )
    if len(found) > limit("replies"):
        said = f"{folder} has over {limit('replies'):,} replies."
        raise InputError(f"{said} {how_to_raise('replies')}")
    if not found:
        raise InputError(f"{folder} has no replies: files that end with .json.")
    replies, problems = [], []
    for path in found:
        try:
            replies.append(_read(path))
        except ValueError as error:
            said = f"Not a reply: {one_line(str(error), most=300)}."
            fix = "Ask whoever sent it to save it again from the page."
            problems.append(
                Problem("error", one_line(path.name, most=120), None, "", "", said, fix)
            )
    return tuple(replies), tuple(problems)


def _read(path: Path) -> Reply:
    if not _NAME.fullmatch(path.name):
        raise ValueError("its name has signs that a file's name should not have")
    if path.stat().st_size > limit("reply_kb") * 1_000:
        raise ValueError(f"it is over {limit('reply_kb')} kB")
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse)
        reply = Reply.model_validate(raw)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise ValueError(f"{place or 'it'}: {fault['msg']}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return reply.model_copy(update={"file": path.name})


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
