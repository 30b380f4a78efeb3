"""The archive as far as it is here: what an earlier start has left, and for how much of it that counts."""

import os

from files import read_json, remove
from layout import MAP, PART, PART_INFO
from segments import SYNCED

# A few of the first bytes tell how an archive is packed, and perhaps how large its content is.
HEAD = 1024


def here():
    """How many bytes of the part count."""
    info = read_json(PART_INFO)
    try:
        with open(MAP, 'rb') as file:
            states = file.read()
    except OSError:
        return 0
    count = len(states) - states.count(0) if info.get('boot') == boot() else states.count(SYNCED)
    return min(count * info.get('segment', 0), info.get('size') or 0)


def complete():
    info = read_json(PART_INFO)
    return os.path.exists(PART) and os.path.exists(MAP) and 0 < (info.get('size') or 0) == here() == os.stat(PART).st_size


def head():
    try:
        with open(PART, 'rb') as file:
            return file.read(HEAD)
    except OSError:
        return b''


def drop():
    for path in (PART, MAP, PART_INFO):
        remove(path)


def forget_bytes():
    """A stream keeps none of the archive, only which one it is."""
    remove(PART)
    remove(MAP)


def boot():
    """Which boot of the machine this is."""
    try:
        with open('/proc/sys/kernel/random/boot_id', encoding='ascii') as file:
            return file.read().strip()
    except OSError:
        return None
