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
from files import hash_stream, make_folder, new_file, open_file, open_folder, read_json, sync_directory, write_json
from layout import SIGNER as OWNER
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
    with open_file(source) as brought:
        same(brought, fetched)
        in_use()
        owner = OWNER
        marker = {'at': now(), 'snapshot': fetched['snapshot'], 'made': fetched['made'], 'height': fetched['database']['height']}
        write_json(f'{SIGNER}/{RESTORED}', marker, owner=owner)
        with new_file(f'{SIGNER}/{DATABASE}', 0o600, owner) as file:
            shutil.copyfileobj(brought, file, 1 << 20)
            # Whoever brought it can still write to it: what was copied is what counts.
            file.flush()
            os.fsync(file.fileno())
            with open(f'/proc/self/fd/{file.fileno()}', 'rb') as written:
                same(written, fetched)
            in_use()
            aside = set_aside(owner)
    shutil.rmtree(FETCHED)
    told = f'; what stood there is in {os.path.basename(aside)}/ of the volume' if aside else ''
    print(printable(f'backup-restore: the database of {fetched["made"]} is in place{told}'))
    return 0


def same(file, fetched):
    """Raises Failed where it is not the database that was checked; the file is at its beginning again."""
    if hash_stream(file) != fetched['database']['sha256']:
        raise Failed('what was brought back is not what was checked: run make restore again')
    file.seek(0)


def in_use():
    """Whoever has the database open holds a lock that is asked for here and given back."""
    for part, place, count in (('-shm', IN_USE, 1), ('', SHARED, 510)):
        try:
            with open_folder(SIGNER) as volume:
                handle = os.open(f'{DATABASE}{part}', os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=volume)
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
    make_folder(folder, owner)
    with open_folder(SIGNER) as place, open_folder(folder) as aside:
        for part in there:
            os.rename(f'{DATABASE}{part}', f'{DATABASE}{part}', src_dir_fd=place, dst_dir_fd=aside)
    sync_directory(folder)
    return folder


if __name__ == '__main__':
    sys.exit(main())
