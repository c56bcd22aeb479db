"""Compile a function with Numba, and keep the result for the next run.

Goes in: a function on arrays and numbers. Comes out: the same, compiled when it first runs (some
seconds, once on a machine) and free of Python's lock. Next:
`boundaries.solve.heuristics.annealing_kernel` and `boundaries.solve.assignment.enumeration`.

What is compiled holds the code of every function and constant that it uses, from other modules too;
Numba itself looks at one file only before it takes what was kept. A bound must not come from code
that nobody can read any more, so what is kept lies in a folder named by a hash of the module and of
all modules of the package that it imports, and theirs: another source is another folder.
"""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numba import njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cache_folder", "compiled", "source_key", "sources_of"]

_SOURCES = Path(__file__).resolve().parents[2]
_IMPORTED = re.compile(r"^(?:from|import) (boundaries(?:\.\w+)*)", re.MULTILINE)

_KEPT = 8
"""Folders of one module that are kept: several versions of the package may be in use."""


def compiled(function: Callable[..., Any]) -> Any:
    """Return the compiled function; where no folder can be written to, it is compiled each time."""
    dispatcher: Any = njit(nogil=True)(function)
    with suppress(RuntimeError):  # Numba found nowhere to keep it
        dispatcher._cache = _KernelCache(function)  # noqa: SLF001 - as `njit(cache=True)` does
    return dispatcher


def cache_folder() -> Path:
    """Return where compiled functions are kept: in the user's own cache, not where they work."""
    return Path(user_cache_path("boundaries")) / "kernels"


def sources_of(module: Path, sources: Path = _SOURCES) -> tuple[Path, ...]:
    """Return the files of a module and of all modules of the package that it imports, and theirs.

    Parameters
    ----------
    module
        Its file. Imports at the start of a line count: others are for types, or for later.
    sources
        The folder in which the package ``boundaries`` lies.
    """
    found, new = {module}, [module]
    while new:
        for name in _IMPORTED.findall(new.pop().read_text(encoding="utf-8")):
            path = sources.joinpath(*name.split("."))
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            if path not in found:
                found.add(path)
                new.append(path)
    return tuple(sorted(found))


@cache
def source_key(module: Path, sources: Path = _SOURCES) -> str:
    """Return a hash of the files of `sources_of`: their names and their text."""
    key = sha256()
    for path in sources_of(module, sources):
        text = path.read_bytes()
        key.update(f"{path.parent.name}/{path.name} {len(text)}\n".encode())
        key.update(text)
    return key.hexdigest()


class _BySource(_CacheLocator):
    """Where Numba keeps the functions of a module: in a folder named by its `source_key`."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        module = Path(file).resolve()
        self._key, self._line = source_key(module), function.__code__.co_firstlineno
        self._folder = cache_folder() / f"{module.stem}-{self._key[:20]}"

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> _BySource | None:
        """Return the place of a function, or None where nothing can be written."""
        try:
            here = cls(function, file)
            if not here._folder.is_dir():
                _forget_old(here._folder)
            here.ensure_cache_path()
        except OSError:
            return None
        return here

    def get_cache_path(self) -> str:
        """Return the folder."""
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """Return what must be the same for what was kept to be used."""
        return self._key

    def get_disambiguator(self) -> str:
        """Return what tells functions of the same name apart."""
        return str(self._line)


class _Kept(CompileResultCacheImpl):
    _locator_classes = [_BySource]  # noqa: RUF012 - Numba changes it nowhere


class _KernelCache(FunctionCache):
    _impl_class = _Kept


def _forget_old(folder: Path) -> None:
    """Remove what was kept of older sources of a module, but for the newest few."""
    name = folder.name.rpartition("-")[0]
    others = sorted(folder.parent.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime)
    for path in others[: 1 - _KEPT]:
        shutil.rmtree(path, ignore_errors=True)
