"""`python3 -m mailassay`: what the program `mailassay` hands on to the harness."""

import sys

from mailassay.cli import main

sys.exit(main(sys.argv[1:]))
