"""Turn the bytes of a chapter into the text that Sphinx would read."""

from __future__ import annotations

import codecs

_OTHERS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def decode(data: bytes) -> str:
    """Return the text, without a byte order mark, its lines ended by line feeds.

    Raises ValueError, with what is wrong, where it is not UTF-8.
    """
    for mark, name in _OTHERS.items():
        if data.startswith(mark):
            raise ValueError(f"not UTF-8: its first bytes say {name}: save it as UTF-8")
    if b"\0" in data:
        raise ValueError("not UTF-8: it holds NUL bytes, as UTF-16 does: save it as UTF-8")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise ValueError(f"not UTF-8: byte 0x{byte:02x}: save it as UTF-8") from error
    return text if "\n" in text else text.replace("\r", "\n")  # as old Macs ended lines


def line_of_fault(data: bytes) -> int:
    """Return the line of the first byte that is not UTF-8, 1 where there is none."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1
