# SPDX-License-Identifier: ISC
"""pages.py EXPECTED SAID: are the lines of both files the same? "..." in EXPECTED stands for any lines."""
import difflib
import sys

expected, said = (open(name, encoding="utf-8").read().split("\n") for name in sys.argv[1:3])


def matches(want, have):
    """Piece by piece between the "..." lines, the first place that fits."""
    pieces = [[]]
    for line in want:
        if line.strip() == "...":
            pieces.append([])
        else:
            pieces[-1].append(line)
    at = 0
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        starts = [at] if number == 0 else range(at, len(have) - len(piece) + 1)
        if last:
            starts = [start for start in starts if start + len(piece) == len(have)]
        found = next((start for start in starts if have[start : start + len(piece)] == piece), None)
        if found is None:
            return False
        at = found + len(piece)
    return True


if not matches(expected, said):
    sys.stdout.writelines(line + "\n" for line in difflib.unified_diff(expected, said, "page", "program", lineterm=""))
    sys.exit(1)
