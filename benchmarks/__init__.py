"""Commands that measure speed, memory and quality, and print a table. Never run by the tests."""

STOPPED = 130
"""Exit code after Ctrl-C."""
