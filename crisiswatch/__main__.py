"""`python -m crisiswatch`: the command line where the program is not on PATH."""

from crisiswatch.cli import main

main()
