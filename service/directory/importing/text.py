"""A file's bytes as text: which encoding, and no line longer than memory allows.

The law: no more than a line of a file is held at once.
"""

import codecs
import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO, Final, TextIO

MOST_BYTES: Final = 32 * 2**20
"""In one file."""
LONGEST_LINE: Final = 20_000
"""In characters, of a row with all the lines inside its quotation marks."""
CHUNK: Final = 2**18

SAVE_AS_CSV: Final = "Save it as CSV (UTF-8, separated by commas) and import that."
CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
NOT_IN_WINDOWS_1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
OTHER_FORMATS: Final = (
    (b"PK\x03\x04", "It is an Excel workbook or another zip archive, not CSV."),
    (b"\xd0\xcf\x11\xe0", "It is an old Excel workbook, not CSV."),
    (b"\xff\xfe", "It is UTF-16 text."),
    (b"\xfe\xff", "It is UTF-16 text."),
)


class Unusable(Exception):
    """A file that cannot be used. No refusal by itself: an import collects them."""

    def __init__(self, detail: str, remedy: str, *, line: int | None = None) -> None:
        """Say what is wrong, what to do, and at which line."""
        super().__init__(detail)
        self.detail, self.remedy, self.line = detail, remedy, line


def survey(raw: BinaryIO, size: int) -> tuple[str, str]:
    """Return a file's encoding and its SHA-256, having seen every byte of it.

    It is UTF-8 if the whole of it is; otherwise Windows-1252, as older exports are.
    """
    if size > MOST_BYTES:
        raise Unusable(
            f"It has {size / 2**20:,.1f} MiB; at most {MOST_BYTES // 2**20} are read.",
            "Split it into smaller files.",
        )
    digest = hashlib.sha256()
    utf_8 = codecs.getincrementaldecoder("utf-8")()
    encodings = {"utf-8-sig", "cp1252"}
    seen = 0
    while chunk := raw.read(CHUNK):
        if seen == 0:
            _check_start(chunk)
        seen += len(chunk)
        digest.update(chunk)
        if NOT_IN_WINDOWS_1252.search(chunk):
            encodings.discard("cp1252")
        if "utf-8-sig" in encodings and not _decodes(utf_8, chunk):
            encodings.discard("utf-8-sig")
    if not _decodes(utf_8, b"", final=True):
        encodings.discard("utf-8-sig")
    if seen == 0:
        raise Unusable("It is empty.", "Check that the extract was written.")
    if not encodings:
        raise Unusable("It is neither UTF-8 nor Windows-1252 text.", SAVE_AS_CSV)
    return max(encodings), digest.hexdigest()  # "utf-8-sig" where both will do.


def _check_start(chunk: bytes) -> None:
    for mark, detail in OTHER_FORMATS:
        if chunk.startswith(mark):
            raise Unusable(detail, SAVE_AS_CSV, line=1)
    header = chunk.splitlines()[0]
    if CONTROL.search(header):
        raise Unusable("It is a binary file, not text.", SAVE_AS_CSV, line=1)
    if not chunk.removeprefix(codecs.BOM_UTF8).strip():
        raise Unusable("It is empty.", "Check that the extract was written.", line=1)


def _decodes(
    decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False
) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


class Lines(Iterator[str]):
    """A text's lines, counted, and a limit on those that make up one row."""

    def __init__(self, text: TextIO) -> None:
        """Read `text`, which must not translate line ends."""
        self._text = text
        self._number = self._characters = 0
        self.begun = 1
        """Line at which the present row begins."""

    def begin(self) -> None:
        """Begin a row at the next line."""
        self.begun = self._number + 1
        self._characters = 0

    def __next__(self) -> str:
        """Return the next line, or refuse a row that grows too long."""
        line = self._text.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._characters += len(line)
        if self._characters > LONGEST_LINE:
            raise Unusable(
                f"The row is longer than {LONGEST_LINE:,} characters.",
                "Look for a quotation mark that is never closed.",
                line=self.begun,
            )
        return line
