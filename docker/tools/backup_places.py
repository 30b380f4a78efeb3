"""Where the backup's things stand, what its settings say, and the one note of how it fares. STACK_ROOT moves all of it."""

import contextlib
import fcntl
import os
import time
from datetime import datetime, timezone

from files import open_folder, read_json, write_json
from layout import CONFIG as STACK_CONFIG, ROOT

# The signer's volume, which the copier mounts read-only: no mistake here can touch it.
SIGNER = f'{ROOT}/var/lib/stacks-signer'
DATABASE = 'signer.sqlite'
# Left beside a database that was put back, for whoever guards the signer's next start.
RESTORED = 'restored'

BACKUP = f'{ROOT}/var/lib/backup'
STATE = f'{BACKUP}/state.json'
COPY_STATE = f'{BACKUP}/copy-state.json'
CURRENT, NEW, OLD = (f'{BACKUP}/{name}' for name in ('current', 'new', 'old'))
COPY = 'copy.json'
SEALED, SEALED_NOTE = 'secrets.age', 'secrets.json'
FETCHED = f'{BACKUP}/restore'
DRILL = f'{ROOT}/var/lib/backup-drill'
METRICS = f'{ROOT}/var/lib/backup-metrics'
ETC = f'{ROOT}/etc/backup'
REPOSITORY = f'{ROOT}/repository'
# What init and its like see of the same settings.
CONFIG = f'{STACK_CONFIG}/backup'
RESERVE, RESERVE_SHARE = 1 << 30, 0.02


class Failed(Exception):
    """Something that keeps a backup from being made or used; the text is the one line that is shown."""


def settings(folder=ETC):
    """backup.env as a dictionary."""
    path = f'{folder}/backup.env'
    try:
        with open(path, encoding='utf-8') as file:
            lines = [line.rstrip('\n') for line in file]
    except OSError as trouble:
        raise Failed(f'config/backup/backup.env cannot be read ({trouble.strerror}): generate the stack again, then docker compose up -d') from None
    return dict(line.split('=', 1) for line in lines if '=' in line and not line.startswith('#'))


def now():
    """The time as RFC 3339, to the second."""
    return datetime.now(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


def seconds(text):
    """A time of `now` in seconds; None where it is none."""
    try:
        return datetime.strptime(str(text), '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def note(path, **changes):
    """Changes some fields of a note and leaves the others."""
    was = read_json(path)
    is_now = {**was, **changes}
    if is_now != was:
        write_json(path, is_now)
    return is_now


@contextlib.contextmanager
def locked(name, owner=None):
    """One at a time; a lock ends with its process. `copy` is held while a copy is made, `store` while one is read or replaced. Root makes it for its `owner`."""
    with open_folder(BACKUP) as place:
        handle = os.open(f'{name}.lock', os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600, dir_fd=place)
    try:
        if owner:
            os.fchown(handle, *owner)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def room(folder, size):
    """Raises Failed where `size` bytes do not fit beside what the signer, on the same disk perhaps, must still be able to write."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    reserve = min(RESERVE, RESERVE_SHARE * disk.f_blocks * disk.f_frsize)
    if free < size + reserve:
        raise Failed(f'not enough room: {size / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free, and {reserve / 1e6:.0f} MB are left for the signer')


def due(at, made, clock=None):
    """
    Whether the daily time `at` (HH:MM, UTC) has come since the copy that was made at `made` (seconds, or None). A copy from
    the future counts for nothing: the clock was wrong then, or is now.
    """
    clock = time.time() if clock is None else clock
    if made is None or made > clock + 3600:
        return True
    hour, minute = at.split(':')
    last = clock - clock % 86400 + int(hour) * 3600 + int(minute) * 60
    return made < (last if last <= clock else last - 86400)
