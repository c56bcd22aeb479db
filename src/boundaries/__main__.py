"""`python -m boundaries` is the command line."""

from boundaries.cli import main

main()
