"""`python -m kuchipaku`: the command line."""

from kuchipaku.cli import main

main()
