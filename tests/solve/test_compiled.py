"""Compiled functions work where nothing can be kept on disk."""

from boundaries.solve import compiled as module


def test_without_a_folder_to_write_to_it_is_compiled_each_time(monkeypatch):
    asked = []

    def njit(**options):
        asked.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(module, "njit", njit)
    assert module.compiled(abs)(-2) == 2
    assert [bool(options.get("cache")) for options in asked] == [True, False]
