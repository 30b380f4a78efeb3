"""
Replaces chain data on purpose. The new archive is fetched, verified and unpacked beside the old while the node runs; the
swap is two renames, for which the node must be stopped. At every moment the old is whole, or the new is.
"""

import fcntl
import os
import shutil
import struct
import time

from files import read_json, remove, sync_directory, write_json
from layout import DATA, MARKER, REFRESH, STAGING, STATUS, SWAP, UNPACKED
from place import Busy, finish, holds_something, lock, network_directory, utc
from report import say, waiting
from trouble import Stuck, Trouble

OLD = '.old-'
# Where SQLite keeps the locks of a database that is open: in the file beside it, from this byte on.
LOCKED_AT, LOCKED = 120, 9


def run(what):
    """Does one step, in the foreground. Returns an exit code."""
    try:
        network = network_directory()
        if what == '--forget-old':
            forget(network)
        else:
            with lock():
                refresh(network) if what == '--refresh' else swap(network)
    except Busy:
        say('another snapshot process is at work in this volume; try again when it is done')
        return 1
    except Stuck as stuck:
        say(f'{stuck}; the chain data in use is untouched')
        return 1
    except OSError as error:
        say(f'{error.filename or DATA}: {error.strerror or error}; the chain data in use is untouched')
        return 1
    return 0


def refresh(network):
    """Leaves the new tree in staging, ready for a swap. A run that was stopped goes on where it was."""
    from snapshot import fetch_and_unpack

    recover(network)
    if not os.path.exists(MARKER) or not holds_something(os.path.join(DATA, network)):
        raise Stuck('there is no chain data to replace: the snapshot fetches it by itself')
    write_json(REFRESH, {'since': utc('%Y-%m-%dT%H:%M:%SZ')})
    troubles = 0
    while not ready():
        try:
            fetch_and_unpack(network)
        except Trouble as trouble:
            troubles += 1
            waiting(str(trouble), pause := min(2 ** min(troubles, 6), 60))
            time.sleep(pause)
    write_json(STATUS, {'phase': 'unpacked and verified, waiting for the swap'})
    say('the new chain data is unpacked and verified; it takes the place of the old with the swap')


def ready():
    unpacked = read_json(UNPACKED)
    return bool(unpacked) and os.path.isdir(unpacked['root'])


def swap(network):
    """
    Two renames. The marker goes first: without it the node's container waits, so it never starts on half of this, and a
    snapshot container that starts meanwhile finishes the swap or takes it back.
    """
    recover(network)
    if not os.path.exists(REFRESH) or not ready():
        raise Stuck('nothing is unpacked for a swap: refresh first')
    live = os.path.join(DATA, network)
    if user := in_use(live):
        raise Stuck(f'{user} is in use: stop the node first')
    old = f'{network}{OLD}{utc("%Y%m%dT%H%M%SZ")}'
    write_json(SWAP, {'old': old, 'unpacked': read_json(UNPACKED), 'marker': read_json(MARKER)})
    remove(MARKER)
    sync_directory(DATA)
    os.rename(live, os.path.join(DATA, old))
    recover(network)


def recover(network):
    """Brings a swap that was stopped to an end: forward once the old is moved aside, else back."""
    note = read_json(SWAP)
    if not note:
        remove(SWAP)
        return
    live, old = os.path.join(DATA, network), os.path.join(DATA, note['old'])
    unpacked = note['unpacked']
    if not os.path.isdir(old):
        # Nothing was moved, and the node may be running on it again.
        write_json(MARKER, note['marker'])
        remove(SWAP)
        return
    if os.path.isdir(unpacked['root']):
        os.rename(unpacked['root'], live)
    if not holds_something(live):
        os.rename(old, live)
        write_json(MARKER, note['marker'])
        remove(SWAP)
        raise Stuck('the new chain data is gone, so the old is back in its place')
    finish(unpacked)
    remove(SWAP)
    shutil.rmtree(STAGING, ignore_errors=True)
    say(f'the new chain data is in place; the old is kept as {note["old"]} until it is told to go')


def forget(network):
    """Deletes what swaps have kept."""
    kept = [name for name in sorted(os.listdir(DATA)) if name.startswith(network + OLD)]
    if os.path.exists(SWAP):
        raise Stuck('a swap is not finished: start the snapshot container first')
    for name in kept:
        say(f'deleting {name}')
        shutil.rmtree(os.path.join(DATA, name))
    if not kept:
        say('no old chain data is kept')


def in_use(live):
    """The database that a program has open in `live`; None if there is none. Locks are seen across containers."""
    for inner in ('chainstate/vm/index.sqlite', 'burnchain/sortition/marf.sqlite', 'burnchain/burnchain.sqlite', 'headers.sqlite'):
        for name, start, length in ((f'{inner}-shm', LOCKED_AT, LOCKED), (inner, 0, 0)):
            try:
                with open(os.path.join(live, name), 'r+b') as file:
                    asked = struct.pack('hhqqi4x', fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
                    kind = struct.unpack('hhqqi4x', fcntl.fcntl(file, fcntl.F_GETLK, asked))[0]
            except FileNotFoundError:
                continue
            if kind != fcntl.F_UNLCK:
                return name
    return None
