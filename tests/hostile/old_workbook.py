"""Old workbooks (.xls) by hand: no library that is still kept writes them."""

from __future__ import annotations

import struct


def old_workbook(path, *corners):
    """Write a workbook as Excel did until 2003 (.xls): one sheet, a number in each cell given."""

    def record(kind, content):
        return struct.pack("<HH", kind, len(content)) + content

    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0x41, 6)
    sheet = record(0x809, bof[:2] + b"\x10\x00" + bof[4:])
    for row, column in corners:
        sheet += record(0x203, struct.pack("<HHHd", row, column, 0, 1.5))
    sheet += record(0x0A, b"")
    head = record(0x809, bof)
    at = len(head) + 4 + 14 + 4
    name = b"Sheet1"
    head += record(0x85, struct.pack("<IHBB", at, 0, len(name), 0) + name) + record(0x0A, b"")
    stream = (head + sheet).ljust(4096, b"\0")
    sectors = -(-len(stream) // 512)
    fats = -(-(sectors + 1 + sectors // 100 + 2) // 128)
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    fat = [0xFFFFFFFD] * fats + [end] + [fats + 2 + n for n in range(sectors - 1)] + [end]
    fat += [free] * (fats * 128 - len(fat))
    difat = list(range(fats)) + [free] * (109 - fats)
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    )
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, fats, fats, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *difat)

    def entry(name, kind, child, start, size):
        text = (name + "\0").encode("utf-16-le")
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    folder = (
        entry("Root Entry", 5, 1, end, 0)
        + entry("Workbook", 2, free, fats + 1, len(stream))
        + bytes(256)
    )
    path.write_bytes(
        header + struct.pack(f"<{len(fat)}I", *fat) + folder + stream.ljust(sectors * 512, b"\0")
    )
    return path
