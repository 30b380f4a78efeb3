"""How long logs are kept, and how much of the disk they may take: the oldest day goes first."""

import os
from datetime import timedelta

from log_days import parts, services
from layout import LOGS

GB = 10**9
# A tenth of the disk, and never more than this: as much as logs may take, and as much as they must leave for the chain.
MOST, SHARE = 20 * GB, 0.1


class Full(Exception):
    """There is no room for more; the text says how little there is."""


def bound():
    """Bytes that all logs together may take, and that must stay free beside them."""
    told = os.environ.get('LOGS_BOUND_BYTES')
    found = os.statvfs(LOGS)
    return int(told) if told else int(min(MOST, SHARE * found.f_blocks * found.f_frsize))


def free():
    found = os.statvfs(LOGS)
    return found.f_bavail * found.f_frsize


def kept():
    """Bytes that the logs take."""
    return sum(part.size for service in services() for part in parts(service))


def expire(oldest):
    """Removes what is older than the day `oldest`. Returns the names of what is gone."""
    return [remove(part, service) for service in services() for part in parts(service) if part.day < oldest]


def make_room(needed, today):
    """
    Removes the oldest days, today's never, until `needed` bytes more fit; returns the names of what is gone. Full when that
    does not suffice.
    """
    limit, gone = bound(), []
    old = sorted((part.day, part.number, service) for service in services() for part in parts(service) if part.day < today.isoformat())
    while free() - needed < limit or kept() + needed > limit:
        if not old:
            raise Full(f'{free() / GB:.2f} GB are free and the logs take {kept() / GB:.2f} GB; {limit / GB:.2f} GB are the bound of both')
        day, number, service = old.pop(0)
        gone += [remove(part, service) for part in parts(service) if (part.day, part.number) == (day, number)]
    return gone


def remove(part, service):
    # Where packing was cut short, a day stands twice.
    for path in {part.path, part.path.removesuffix('.zst')}:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
    return f'{service}/{os.path.basename(part.path)}'


def to_pack(now):
    """Files of days that have been over for so long that no more lines of them are to be expected. `now` is a UTC datetime."""
    last = (now - timedelta(minutes=15)).date().isoformat()
    return [part for service in services() for part in parts(service) if not part.packed and part.day < last]
