"""
Puts the database that `backup.py --fetch` has brought back into the signer's volume. Runs in the init container.

What stood there is set aside, never deleted. First of all the marker gets its place: a signer that finds a database of
before must first make sure that nobody has signed since.
"""

import errno
import fcntl
import os
import shutil
import sys
import time

from backup_places import DATABASE, FETCHED, RESTORED, SIGNER, Failed, now
from consumers import CONSUMERS
from files import hash_of, read_json, remove, sync_directory, write_json
from printable import printable

PARTS = ('', '-wal', '-shm', '-journal')
# The byte of the shared memory that each user of a database in WAL mode holds a lock on, and the one of a rollback journal.
IN_USE, SHARED = 128, 0x40000002


def main():
    try:
        return restore()
    except Failed as failed:
        print(f'backup-restore: {printable(failed)}', file=sys.stderr)
    except OSError as trouble:
        print(f'backup-restore: {trouble.filename or SIGNER}: {trouble.strerror}; what is in place now: {", ".join(sorted(os.listdir(SIGNER)))}', file=sys.stderr)
    return 1


def restore():
    fetched = read_json(f'{FETCHED}/fetched.json')
    source = f'{FETCHED}/current/{DATABASE}'
    if not fetched.get('database'):
        raise Failed('there is no database to put back: make restore brings one')
    if hash_of(source) != fetched['database']['sha256']:
        raise Failed('what was brought back is not what was checked: run make restore again')
    in_use()
    owner = next(one.owner for one in CONSUMERS if one.name == 'stacks-signer')
    marker = {'at': now(), 'snapshot': fetched['snapshot'], 'made': fetched['made'], 'height': fetched['database']['height']}
    write_json(f'{SIGNER}/{RESTORED}', marker)
    os.chown(f'{SIGNER}/{RESTORED}', *owner)
    temporary = f'{SIGNER}/.new-{DATABASE}'
    try:
        shutil.copyfile(source, temporary)
        os.chmod(temporary, 0o600)
        os.chown(temporary, *owner)
        with open(temporary, 'rb') as file:
            os.fsync(file.fileno())
        in_use()
        aside = set_aside(owner)
        os.rename(temporary, f'{SIGNER}/{DATABASE}')
        sync_directory(SIGNER)
    finally:
        remove(temporary)
    shutil.rmtree(FETCHED)
    told = f'; what stood there is in {os.path.basename(aside)}/ of the volume' if aside else ''
    print(printable(f'backup-restore: the database of {fetched["made"]} is in place{told}'))
    return 0


def in_use():
    """Whoever has the database open holds a lock that is asked for here and given back."""
    for part, place, count in (('-shm', IN_USE, 1), ('', SHARED, 510)):
        try:
            handle = os.open(f'{SIGNER}/{DATABASE}{part}', os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, count, place)
        except OSError as trouble:
            if trouble.errno in (errno.EAGAIN, errno.EACCES):
                raise Failed('a program has the signer\'s database open: make stop S=stacks-signer') from None
            raise
        finally:
            os.close(handle)


def set_aside(owner):
    """The folder that what stood there was moved to; None where nothing did. Nothing is deleted."""
    there = [part for part in PARTS if os.path.lexists(f'{SIGNER}/{DATABASE}{part}')]
    if not there:
        return None
    folder = f'{SIGNER}/before-restore-{time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}'
    os.mkdir(folder, 0o700)
    os.chown(folder, *owner)
    for part in there:
        os.rename(f'{SIGNER}/{DATABASE}{part}', f'{folder}/{DATABASE}{part}')
    sync_directory(folder)
    return folder


if __name__ == '__main__':
    sys.exit(main())
