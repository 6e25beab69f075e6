"""The screen of a DEC VT52: the smallest terminal that curses can paint.

It has no colours, no attributes and a dozen sequences, so what a program shows can be read
exactly.  `TERM=vt52` makes a program use it.
"""

from __future__ import annotations

import unicodedata

ESCAPE = 0x1B
TAB_STOP = 8
# Octets that follow the escape octet and `Y`: row and column, each with 32 added.
OFFSET = 32
BLANK = " "
# The right half of a character that takes two columns.
COVERED = ""


class Screen:
    """Octets in, rows of text out."""

    def __init__(self, rows: int, columns: int) -> None:
        self._rows = rows
        self._columns = columns
        self._cells = [[BLANK] * columns for _ in range(rows)]
        self._row = 0
        self._column = 0
        # Octets of a sequence or of a character that is not complete yet.
        self._pending = b""

    def feed(self, octets: bytes) -> None:
        """Takes what the program wrote; a sequence may be cut anywhere."""
        octets = self._pending + octets
        at = 0
        while at < len(octets):
            taken = self._take(octets, at)
            if taken == 0:
                break
            at += taken
        self._pending = octets[at:]

    def row(self, number: int) -> str:
        """One row, without trailing blanks; -1 is the last."""
        return "".join(self._cells[number]).rstrip()

    def text(self) -> str:
        """All rows; empty ones at the end are left out."""
        return "\n".join(self.row(n) for n in range(self._rows)).rstrip("\n") + "\n"

    def _take(self, octets: bytes, at: int) -> int:
        """Carries out what begins there; how many octets that was, or 0 when some are missing."""
        octet = octets[at]
        if octet == ESCAPE:
            return self._sequence(octets, at)
        if octet < 0x20 or octet == 0x7F:
            self._control(octet)
            return 1
        length = 1 if octet < 0xC0 else 2 if octet < 0xE0 else 3 if octet < 0xF0 else 4
        end = at + length
        character = octets[at:end]
        if len(character) < length:
            return 0
        self._put(character.decode("utf-8", errors="replace")[0])
        return length

    def _sequence(self, octets: bytes, at: int) -> int:
        if at + 1 >= len(octets):
            return 0
        match chr(octets[at + 1]):
            case "A":
                self._row = max(0, self._row - 1)
            case "B":
                self._row = min(self._rows - 1, self._row + 1)
            case "C":
                self._column = min(self._columns - 1, self._column + 1)
            case "D":
                self._column = max(0, self._column - 1)
            case "H":
                self._row = self._column = 0
            case "I":
                self._up()
            case "J":
                self._erase_to_end_of_line()
                for below in range(self._row + 1, self._rows):
                    self._cells[below] = [BLANK] * self._columns
            case "K":
                self._erase_to_end_of_line()
            case "Y":
                if at + 3 >= len(octets):
                    return 0
                self._row = min(max(0, octets[at + 2] - OFFSET), self._rows - 1)
                self._column = min(max(0, octets[at + 3] - OFFSET), self._columns - 1)
                return 4
        # All else changes keys or character sets, which is not seen on the screen.
        return 2

    def _control(self, octet: int) -> None:
        match octet:
            case 0x08:
                self._column = max(0, self._column - 1)
            case 0x09:
                stop = (self._column // TAB_STOP + 1) * TAB_STOP
                self._column = min(stop, self._columns - 1)
            case 0x0A:
                self._down()
            case 0x0D:
                self._column = 0

    def _put(self, character: str) -> None:
        if unicodedata.combining(character):
            return
        self._cells[self._row][self._column] = character
        wide = unicodedata.east_asian_width(character) in "WF"
        if wide and self._column + 1 < self._columns:
            self._cells[self._row][self._column + 1] = COVERED
        # The last column is not left: a VT52 does not wrap.
        self._column = min(self._column + (2 if wide else 1), self._columns - 1)

    def _erase_to_end_of_line(self) -> None:
        rest = self._columns - self._column
        self._cells[self._row][self._column:] = [BLANK] * rest

    def _down(self) -> None:
        if self._row < self._rows - 1:
            self._row += 1
            return
        del self._cells[0]
        self._cells.append([BLANK] * self._columns)

    def _up(self) -> None:
        if self._row > 0:
            self._row -= 1
            return
        del self._cells[-1]
        self._cells.insert(0, [BLANK] * self._columns)
