"""Archives that failed a check: the newest is set aside, and none is fetched for ever."""

import glob
import os

import part
from files import read_json, remove, write_json
from layout import MAP, PART, REJECTED, STAGING
from report import say
from space import unpacked_size
from trouble import Stuck

# A wrong checksum may be the line's fault once; the second time it is the archive's.
TRIES = 2
# Unpacking may fail for want of memory that something else took. More often than this it is not tried by one process.
UNPACKING_TRIES = 3
# How often unpacking has failed in this process, by the archive.
failures = {}


class WrongSum(Exception):
    def __init__(self, found, expected, publisher):
        super().__init__(f'the archive is not what {publisher} says: sha256 {found}, expected {expected}')
        self.found = found


def refuse_known(archive):
    """Stuck if this very archive, with this very checksum, has been rejected before for good."""
    if is_known(archive):
        raise Stuck(f'{read_json(REJECTED).get("why")}; it is not fetched again until there is another one, or another checksum, at the address')


def is_known(archive):
    known = read_json(REJECTED)
    return known.get('archive') == identity(archive) and known.get('times', 0) >= TRIES


def remember(archive, found, why, times=TRIES):
    """Notes that the archive is no good, and removes it: it can be had again."""
    part.drop()
    write_json(REJECTED, {'archive': identity(archive), 'found': found, 'size': archive.size, 'why': why, 'times': times})


def count_failure(archive, error):
    """What to raise for unpacking that failed."""
    name = tuple(identity(archive))
    failures[name] = failures.get(name, 0) + 1
    return gave_up(error) if failures[name] >= UNPACKING_TRIES else error


def refuse_failed(archive):
    """Stuck if unpacking this archive has failed too often in this process."""
    if failures.get(tuple(identity(archive)), 0) >= UNPACKING_TRIES:
        raise gave_up('unpacking failed')


def gave_up(why):
    return Stuck(f'{why}; after {UNPACKING_TRIES} tries this archive is not fetched again: give this container more memory and restart it, or set '
                 'another SNAPSHOT_URL')


def set_aside(archive, wrong):
    """Keeps a part with a wrong checksum under another name, in place of any before it. Returns what to raise."""
    known = read_json(REJECTED)
    times = known.get('times', 0) + 1 if known.get('archive') == identity(archive) and known.get('found') == wrong.found else 1
    for old in files():
        remove(old)
    where = f'rejected-{wrong.found[:12]}.part'
    kept = os.path.exists(PART)
    if kept:
        os.rename(PART, os.path.join(STAGING, where))
    remember(archive, wrong.found, str(wrong), times)
    return Stuck(f'{wrong}; ' + (f'it is set aside as {os.path.basename(STAGING)}/{where}' if kept else 'nothing of it is kept'))


def take_back(archive, segment, room):
    """
    True if the file that was set aside is this archive after all, because its checksum has been put right since; it is the
    part then. Else it is removed if its room is needed.
    """
    known = read_json(REJECTED)
    for path in files():
        if known.get('found') == archive.sha256 and known.get('size') == archive.size == os.stat(path).st_size:
            say(f'{os.path.basename(path)} has the checksum that is now expected: taking it back')
            os.rename(path, PART)
            with open(MAP, 'wb') as file:
                file.write(b'\1' * -(-archive.size // segment))
            return True
        if archive.size is not None and archive.size + unpacked_size(archive)[0] > room:
            say(f'removing {os.path.basename(path)}, whose room is needed')
            remove(path)
    return False


def files():
    return glob.glob(os.path.join(glob.escape(STAGING), 'rejected-*.part'))


def identity(archive):
    return [archive.url, archive.sha256, archive.size, archive.version]
