"""
A consistent copy of the signer's database, made without any right to write to it.

The signer's volume is mounted read-only. SQLite can read a database in WAL mode so while its files of shared memory and log
are there: as one more reader, which makes no writer wait. A database that nobody has open has neither; then its files are
copied, and only kept if they did not change meanwhile.
"""

import os
import shutil
import sqlite3
import time

from backup_places import Failed
from files import hash_of

PARTS = ('', '-wal', '-journal')
# A database outside of WAL mode makes its writer wait for a reader, so it is read in short steps.
STEP, PAUSE, PATIENCE = 200, 0.02, 900


def take(source, target):
    """Copies the database `source` to the new file `target`. Raises Failed; what is at `target` then is of no use."""
    try:
        read_beside_writer(source, target)
    except sqlite3.OperationalError as trouble:
        if getattr(trouble, 'sqlite_errorcode', 0) & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise Failed(f'the signer\'s database cannot be read ({trouble})') from None
        copy_at_rest(source, target)
    except sqlite3.DatabaseError as trouble:
        raise Failed(f'the signer\'s database is damaged ({trouble}): the backups before are kept') from None
    settle(target)


def read_beside_writer(source, target):
    reader = sqlite3.connect(f'file:{quote(source)}?mode=ro', uri=True, timeout=30)
    try:
        wal = reader.execute('PRAGMA journal_mode').fetchone()[0] == 'wal'
        # The first read says whether it can be read at all.
        reader.execute('SELECT count(*) FROM sqlite_master').fetchone()
        end = time.monotonic() + PATIENCE

        def pace(*_):
            if time.monotonic() > end:
                raise Failed('the signer\'s database changes faster than it can be copied; the next try may do better')

        copy = sqlite3.connect(target)
        try:
            reader.backup(copy, pages=-1 if wal else STEP, sleep=PAUSE, progress=pace)
        finally:
            copy.close()
    finally:
        reader.close()


def quote(path):
    return path.replace('%', '%25').replace('?', '%3f').replace('#', '%23')


def copy_at_rest(source, target):
    """The files as they lie, log and journal too, from which SQLite makes what was last committed."""
    for _ in range(3):
        for part in (*PARTS, '-shm'):
            if os.path.lexists(target + part):
                os.unlink(target + part)
        before = look(source)
        for part in PARTS:
            if before[part]:
                shutil.copyfile(source + part, target + part)
        if before == look(source):
            return
        time.sleep(1)
    raise Failed('the signer\'s database changed while it was copied; the next try may do better')


def look(source):
    found = {}
    for part in PARTS:
        try:
            stat = os.stat(source + part)
            found[part] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        except FileNotFoundError:
            found[part] = None
    return found


def settle(target):
    """One file without a log beside it, on the disk for good."""
    copy = sqlite3.connect(target)
    try:
        copy.execute('PRAGMA journal_mode = DELETE').fetchone()
    except sqlite3.DatabaseError as trouble:
        raise Failed(f'the signer\'s database is damaged ({trouble}): the backups before are kept') from None
    finally:
        copy.close()
    os.chmod(target, 0o600)
    with open(target, 'rb') as file:
        os.fsync(file.fileno())


def describe(path):
    """Size, hash and the newest block of a whole database. Raises Failed for one that is not whole."""
    uri = f'file:{quote(path)}?mode=ro&immutable=1'
    try:
        database = sqlite3.connect(uri, uri=True)
        try:
            said = [row[0] for row in database.execute('PRAGMA integrity_check(5)')]
            if said != ['ok']:
                raise Failed(f'the database is damaged: {"; ".join(map(str, said))[:300]}')
            columns = {row[1] for row in database.execute('PRAGMA table_info(blocks)')}
            height = database.execute('SELECT max(stacks_height) FROM blocks').fetchone()[0] if 'stacks_height' in columns else None
        finally:
            database.close()
    except sqlite3.DatabaseError as trouble:
        raise Failed(f'the database is damaged: {trouble}') from None
    return {'bytes': os.path.getsize(path), 'sha256': hash_of(path), 'height': height}
