"""Lines of a container as `docker logs --timestamps` prints them: bytes, kept as they are behind a time that sorts as text."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from printable import printable

STAMP = re.compile(rb'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ')
# What is stored begins so: UTC, nanoseconds, 30 characters and a blank.
STORED = re.compile(rb'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ')
HEAD = 31
# The engine cuts a longer line into pieces of this size, and its command writes a time before each of them (docker/cli#4941).
PIECE = 16384
# Longer than any log of one container that Docker keeps for us is not needed; this much memory is at hand.
LONGEST = 16 << 20


def stored(line):
    """The line (without its end) as it is stored; None when it does not begin with a time, so that Docker itself wrote it."""
    found = STAMP.match(line)
    if not found:
        return None
    stamp = normal(found)
    return None if stamp is None else stamp + b' ' + joined(line, found.end())


def normal(found):
    """`2026-11-21T12:00:00.000000000Z` of what STAMP has found; None for a moment that no calendar has."""
    moment, fraction, zone = found.groups()
    second = utc(moment, zone)
    return second and second + b'.' + (fraction or b'').ljust(9, b'0') + b'Z'


@lru_cache(maxsize=64)
def utc(moment, zone):
    """Lines of one second come together, and a calendar is slow."""
    try:
        at = datetime.strptime(moment.decode(), '%Y-%m-%dT%H:%M:%S')
        if zone != b'Z':
            sign = -1 if zone[:1] == b'-' else 1
            at -= sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
        return at.isoformat(timespec='seconds').encode()
    except (ValueError, OverflowError):
        return None


def joined(line, start):
    """What follows the time, without the times that the command puts between the pieces of a long line."""
    if len(line) - start <= PIECE:
        return line[start:]
    parts, at = [], start
    while len(line) - at > PIECE:
        found = STAMP.match(line, at + PIECE)
        if not found:
            break
        parts.append(line[at:at + PIECE])
        at = found.end()
    return b''.join([*parts, line[at:]])


def lines(stream):
    """
    Each line of the binary stream with whether it had its end. What is longer than LONGEST is cut, and says so; the rest of
    such a line is read and dropped.
    """
    while line := stream.readline(LONGEST):
        if line.endswith(b'\n'):
            yield line[:-1], True
            continue
        if len(line) < LONGEST:
            yield line, False
            return
        lost = 0
        while rest := stream.readline(LONGEST):
            lost += len(rest)
            if rest.endswith(b'\n'):
                break
        yield line + f' [{lost} bytes more are not kept]'.encode(), True


def shown(line):
    """A stored line for a terminal, on which nothing in it can act."""
    text = line.decode('utf-8', 'backslashreplace')
    return printable(text, len(text))


def before(stamp, seconds):
    """The stored time (text or bytes) that lies so many seconds earlier, to the second."""
    text = stamp.decode() if isinstance(stamp, bytes) else stamp
    at = datetime.strptime(text[:19], '%Y-%m-%dT%H:%M:%S') - timedelta(seconds=seconds)
    return at.isoformat(timespec='seconds') + '.000000000Z'
