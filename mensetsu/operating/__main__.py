"""`python -m mensetsu.operating`, which is what bin/mensetsu runs."""

import sys

from mensetsu.operating import console

if __name__ == "__main__":
    sys.exit(console.main(sys.argv[1:]))
