"""
Makes a copy of the signer's database once a day, for `backup` to store. It has no network, and of the signer's volume it can
only read: backup_copy.py [--now | --health]
"""

import os
import shutil
import signal
import sys
import time

from backup_alive import alive, healthy
from backup_database import describe, take
from backup_places import BACKUP, COPY, COPY_STATE, CURRENT, DATABASE, NEW, OLD, SIGNER, Failed, due, locked, note, now, room, seconds
from files import read_json, sync_directory, write_json

LOOK, RETRY = 30, 1800


def main(arguments):
    if arguments == ['--health']:
        return healthy()
    if arguments == ['--now']:
        return 0 if attempt() else 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    alive()
    at, again = os.environ['BACKUP_AT'], 0
    print(f'backup-copy: every day at {at} UTC', flush=True)
    while True:
        if time.monotonic() >= again and due(at, seconds(made())):
            again = 0 if attempt() else time.monotonic() + RETRY
        time.sleep(LOOK)


def made():
    return read_json(f'{CURRENT}/{COPY}').get('made')


def attempt():
    """Makes a copy, and notes how that went. True when there is a new one."""
    try:
        with locked('copy'):
            copy = make()
    except (Failed, OSError) as trouble:
        text = str(trouble) if isinstance(trouble, Failed) else f'{trouble.filename or BACKUP}: {trouble.strerror}'
        # A full disk is freed at once, and cannot take the note either.
        shutil.rmtree(NEW, ignore_errors=True)
        print(f'backup-copy: no copy: {text}', file=sys.stderr, flush=True)
        try:
            note(COPY_STATE, error=f'no copy of the database: {text}')
        except OSError:
            pass
        return False
    note(COPY_STATE, error=None)
    database = copy['database']
    print('backup-copy: ' + (f'copied {database["bytes"]} bytes' + (f', newest block {database["height"]}' if database['height'] is not None else '')
                             if database else 'there is no database yet: the signer makes it when it is registered'), flush=True)
    return True


def make():
    with locked('store'):
        recover()
    before = read_json(f'{CURRENT}/{COPY}').get('database')
    shutil.rmtree(NEW, ignore_errors=True)
    os.mkdir(NEW, 0o700)
    source = f'{SIGNER}/{DATABASE}'
    copy = {'made': now(), 'database': None}
    if os.path.exists(source):
        room(BACKUP, sum(os.path.getsize(source + part) for part in ('', '-wal') if os.path.exists(source + part)))
        take(source, f'{NEW}/{DATABASE}')
        copy['database'] = describe(f'{NEW}/{DATABASE}')
    elif before:
        raise Failed('the signer\'s database is gone; the copy and the backups before are kept')
    write_json(f'{NEW}/{COPY}', copy)
    sync_directory(NEW)
    with locked('store'):
        swap()
    return copy


def swap():
    """The old copy is there until the new one has its name."""
    if os.path.lexists(CURRENT):
        os.rename(CURRENT, OLD)
    os.rename(NEW, CURRENT)
    sync_directory(BACKUP)
    shutil.rmtree(OLD, ignore_errors=True)


def recover():
    """What a kill in the middle of a swap leaves."""
    if os.path.lexists(OLD):
        if os.path.lexists(CURRENT):
            shutil.rmtree(OLD)
        else:
            os.rename(OLD, CURRENT)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
