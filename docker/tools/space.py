"""Whether the disk has room: for the archive, for what is in it, and for both."""

import os

from layout import DATA
from report import GB, say
from trouble import Stuck

# Chain data shrinks to between a half and a third; nobody publishes the unpacked size.
UNPACKED_RATIO = float(os.environ.get('SNAPSHOT_UNPACKED_RATIO', '2.5'))
# Not everything that is free may be taken: a full disk stops the node and everything beside it.
RESERVE, RESERVE_SHARE = 1 << 30, 0.02
MODES = ('auto', 'file', 'stream')


def choose_mode(wanted, archive, have):
    """'file' or 'stream', or Stuck with the two numbers. `have` is how much of the archive is here."""
    if wanted not in MODES:
        raise Stuck(f'SNAPSHOT_MODE must be auto, file or stream, not {wanted}')
    if archive.size is None:
        say('the server does not tell the size of the archive, so nothing says whether it fits: unpacking it as it comes, and '
            'stopping before the disk is full')
        return 'stream'
    unpacked, estimated = unpacked_size(archive)
    rest = 0 if archive.path else archive.size - have
    free = free_space()
    text = (f'the archive has {size(archive.size)}{f" ({size(have)} of it are here)" if have else ""} and unpacks to '
            f'{"about " if estimated else ""}{size(unpacked)}{" (an estimate)" if estimated else ""}; '
            f'{size(free)} are free')
    say(text)
    if wanted != 'stream' and rest + unpacked <= free:
        return 'file'
    if wanted != 'file' and unpacked <= free + have:
        if wanted == 'auto':
            say('both together do not fit, so it is unpacked as it comes, and not kept: SNAPSHOT_MODE=stream')
        return 'stream'
    needed = rest + unpacked if wanted == 'file' else unpacked
    why = f' (SNAPSHOT_UNPACKED_RATIO={UNPACKED_RATIO:g} is what the estimate rests on)' if estimated else ''
    raise Stuck(f'not enough space: {text}, and {size(needed)} are needed; make room{why}')


def unpacked_size(archive):
    """Bytes, and whether they are an estimate."""
    told = zstd_content_size(archive.head)
    # An archive of several frames tells the size of its first one alone.
    if told is not None and told >= archive.size:
        return told, False
    return int(UNPACKED_RATIO * archive.size), True


def zstd_content_size(head):
    """What the header of a zstd frame says of its content; None if it does not."""
    if head[:4] != b'\x28\xb5\x2f\xfd' or len(head) < 18:
        return None
    flags = head[4]
    length = (1 if flags & 0x20 else 0, 2, 4, 8)[flags >> 6]
    if length == 0:
        return None
    start = 5 + (0 if flags & 0x20 else 1) + (0, 1, 2, 4)[flags & 3]
    value = int.from_bytes(head[start:start + length], 'little')
    return value + 256 if length == 2 else value


def free_space():
    """What may be taken: what is free without the reserve."""
    found = os.statvfs(DATA)
    reserve = min(RESERVE, RESERVE_SHARE * found.f_blocks * found.f_frsize)
    return max(0, int(found.f_bavail * found.f_frsize - reserve))


def free_inodes():
    """How many files may be made, without the reserve; None where the file system has no limit of its own for them."""
    found = os.statvfs(DATA)
    return found.f_favail - int(RESERVE_SHARE * found.f_files) if found.f_files else None


def size(count):
    return f'{count / GB:.1f} GB' if count >= GB / 10 else f'{count / 10**6:.1f} MB'
