"""What a ``run.json`` may say: checked before a word of it is believed.

Goes in: the path of a ``run.json``, perhaps written by somebody else. Comes out: its record, and
the claims about the options. Next: `boundaries.run.folder` reads the rest of the folder.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, ValidationError

from boundaries.errors import InputError
from boundaries.limits import how_to_raise, limit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OPTION_ID", "Claim", "Record", "broken", "read_record"]

OPTION_ID: Final = re.compile(r"[a-z0-9-]{1,64}")
"""The id of an option: it becomes the name of files."""

Text = Annotated[str, StringConstraints(max_length=2_000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class Claim(_Part):
    """What a run says of one of its options."""

    option_id: Annotated[str, StringConstraints(pattern=rf"^{OPTION_ID.pattern}$")]
    family: Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,32}$")]
    title: Text
    status: Literal["measured", "optimal", "feasible"]
    bound: FiniteFloat | None
    seconds: Annotated[FiniteFloat, Field(ge=0)]
    allowed_moves: Annotated[int, Field(ge=0, le=10_000)] | None
    names: dict[Text, Text]
    left_out: list[Literal["teams", "bonds"]]


class StudyOf(_Part):
    """The study of a run, as written."""

    text: str
    sha256: Text


class Moment(_Part):
    """What a search had found at one moment."""

    option_id: Annotated[str, StringConstraints(pattern=rf"^{OPTION_ID.pattern}$")]
    seconds: Annotated[FiniteFloat, Field(ge=0)]
    best: FiniteFloat | None
    bound: FiniteFloat | None


class Talk(_Part):
    """One row of the log of engagement."""

    who: Text
    for_whom: Text
    when: Text
    asked: Text
    done: Text


class Record(_Part):
    """The parts of a ``run.json`` that are read back; others are kept as they are."""

    schema_version: Literal["1"]
    tool: Literal["boundaries"]
    study: StudyOf
    catchment: dict[Text, Text]
    stopped: bool = False
    engagement: Annotated[tuple[Talk, ...], Field(max_length=10_000, strict=False)] = ()
    not_reached: Annotated[tuple[Text, ...], Field(max_length=500, strict=False)] = ()
    history: Annotated[tuple[Moment, ...], Field(max_length=100_000, strict=False)] = ()
    options: Annotated[tuple[Claim, ...], Field(min_length=1, max_length=500, strict=False)]


def read_record(path: Path) -> tuple[Record, dict[str, Any]]:
    """Return what a ``run.json`` says: what is read back, checked; and all of it.

    Raises
    ------
    InputError
        When it is not JSON, has another schema, or anything in it is not what it should be.
    """
    if path.stat().st_size > limit("run_json_mb") * 1_000_000:
        broken(path, f"it is over {limit('run_json_mb')} MB. {how_to_raise('run_json_mb')}")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
        record = Record.model_validate(raw)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        broken(path, f"{place or 'it'}: {fault['msg']}")
    except RecursionError:
        broken(path, "it is nested too deeply")
    except ValueError as error:
        broken(path, f"not JSON: {error}")
    ids = [claim.option_id for claim in record.options]
    if len(set(ids)) < len(ids):
        broken(path, "two options have one id")
    return record, raw


def broken(path: Path, why: str) -> NoReturn:
    """Raise the one message about a file of a run that is not as this tool writes it."""
    raise InputError(
        f"{path.name} in {path.parent} is not as this version writes it ({why[:300]}). "
        "Run the study again, or ask whoever sent the folder for the study and its files."
    )


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
