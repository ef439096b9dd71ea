"""In which alphabet a text file was written: exports come in UTF-8, in the Windows code page of the plant's PC, or in UTF-16.

Guessing goes from sure to likely: a byte order mark, zero bytes in every other place (UTF-16), valid UTF-8, and only then Western
European (cp1252), which any bytes would fit. Bytes that no text has mean that this is no text at all.
"""

from __future__ import annotations

import codecs

from pdm.errors import UnreadableFile

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 65536
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 26, 27}) + b"\x7f"


def decode(data: bytes, name: str) -> str:
    """The text of a file without its byte order mark.

    >>> decode("Gerät;Zeit".encode("utf-16"), "export.csv")
    'Gerät;Zeit'

    Raises:
        UnreadableFile: these bytes are no text.
    """
    encoding = detect(data)
    if encoding is None:
        raise UnreadableFile(f"{name} is no text but binary data", hint="export it as CSV, Parquet or XLSX")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"{name} starts as {encoding} text, but byte {error.start} does not fit ({error.reason})",
            hint="the file is damaged or mixed; export it again as UTF-8",
        ) from None


def detect(data: bytes) -> str | None:
    """The encoding's name, or None when the bytes are no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:_SAMPLE]
    if b"\x00" in sample:
        return _utf16_without_mark(sample)
    if len(sample.translate(None, _CONTROL)) < len(sample) - len(sample) // 1000:
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _western(data)
    return "utf-8"


def _utf16_without_mark(sample: bytes) -> str | None:
    """Mostly Latin text in UTF-16 has its zero bytes all on one side."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd > 0.6 * half and even == 0:
        return "utf-16-le"
    if even > 0.6 * half and odd == 0:
        return "utf-16-be"
    return None


def _western(data: bytes) -> str:
    """cp1252 where its five unused bytes do not occur, else Latin-1."""
    return "latin-1" if any(byte in data for byte in b"\x81\x8d\x8f\x90\x9d") else "cp1252"
