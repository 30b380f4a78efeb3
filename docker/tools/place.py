"""The places in the data volume: who may work there, and what stands in the marker."""

import fcntl
import os
from contextlib import contextmanager
from datetime import datetime, timezone

from files import sync_directory, write_json
from layout import DATA, LOCK, MARKER, STAGING


class Busy(Exception):
    """Another one is at it."""


@contextmanager
def lock():
    """Held while chain data is brought: never two at once in one volume. The kernel frees it with the process."""
    os.makedirs(STAGING, exist_ok=True)
    with open(LOCK, 'w', encoding='ascii') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield


def finish(unpacked):
    """Writes the marker: chain data is in place. `unpacked` says where it came from, None: it was there before."""
    sync_directory(DATA)
    if unpacked:
        write_json(MARKER, {**{name: unpacked[name] for name in ('source', 'sha256', 'size')}, 'date': utc('%Y-%m-%dT%H:%M:%SZ')})
    else:
        write_json(MARKER, {'source': 'existing', 'date': utc('%Y-%m-%dT%H:%M:%SZ')})


def utc(form):
    return datetime.now(timezone.utc).strftime(form)


def holds_something(path):
    return os.path.lexists(path) and not (os.path.isdir(path) and not os.listdir(path))


def network_directory():
    network = os.environ.get('NETWORK_DIR', '')
    if not network.isalnum():
        from trouble import Stuck
        raise Stuck('NETWORK_DIR must name the network\'s directory, mainnet or krypton')
    return network
