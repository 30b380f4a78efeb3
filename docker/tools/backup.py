"""
Stores each new copy of the signer's database and each new dump of the sBTC signer's, with the sealed secrets, in the repository; reads it back, checks the
repository, and then lets go of what the answers say need not be kept.

  backup.py [--now | --list | --fetch [SNAPSHOT] | --drill | --health]
"""

import os
import signal
import sys
import time

import backup_dumps
from backup_alive import alive, healthy
from backup_fetch import fetch, newest
from backup_places import (BACKUP, COPY, COPY_STATE, CURRENT, DATABASE, DRILL, FETCHED, METRICS, SEALED, SEALED_NOTE, STATE, Failed,
                           locked, note, now, settings)
from backup_restic import Repository, verified
from files import hash_of, read_json, write_atomically
from printable import printable

# In seconds; a test cannot wait that long.
LOOK = float(os.environ.get('BACKUP_LOOK_SECONDS', '30'))
RETRY = 1800
# A small repository is read whole each time, a larger one in parts, so that in a week all of it is.
AT_ONCE, PARTS = 10**9, 7
# Hours after which a drill says that the newest backup is too old; the alert that pages says so too.
OLDEST = 50


def main(arguments):
    if arguments == ['--health']:
        return healthy()
    try:
        if arguments[:1] == ['--list']:
            return show(Repository(settings()))
        if arguments[:1] == ['--fetch']:
            return fetch(Repository(settings()), FETCHED, (arguments[1:] or [''])[0])
        if arguments == ['--drill']:
            return fetch(Repository(settings()), DRILL, '', OLDEST)
    except Failed as failed:
        print(f'backup: {printable(failed)}', file=sys.stderr)
        return 1
    if arguments == ['--now']:
        return 0 if attempt() else 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    alive()
    print('backup: waiting for something to store', flush=True)
    again = 0
    while True:
        if time.monotonic() >= again and waiting():
            again = 0 if attempt() else time.monotonic() + RETRY
        tell_copier()
        time.sleep(LOOK)


def waiting():
    """Whether there is a copy or a dump that is not stored yet."""
    made, state = read_json(f'{CURRENT}/{COPY}').get('made'), read_json(STATE)
    return (made is not None and made != state.get('stored')) or backup_dumps.waiting(state.get('dump'))


def tell_copier():
    """What keeps the copier from copying is the backup's trouble too."""
    text = read_json(COPY_STATE).get('error')
    state = read_json(STATE)
    if text != state.get('copy_error'):
        note(STATE, copy_error=text)


def attempt():
    began = time.monotonic()
    try:
        with locked('store'):
            told = work(began)
    except (Failed, OSError, ValueError, KeyError) as trouble:
        text = str(trouble) if isinstance(trouble, Failed) else f'{type(trouble).__name__}: {trouble}'
        print(f'backup: not stored: {printable(text)}', file=sys.stderr, flush=True)
        try:
            note(STATE, error=text, failed=now())
        except OSError:
            pass
        return False
    print(f'backup: {printable(told)}', flush=True)
    return True


def work(began):
    copy, dump = read_json(f'{CURRENT}/{COPY}'), backup_dumps.newest_dump()
    made = copy.get('made')
    if not made and not dump:
        raise Failed(f'there is nothing to store yet: make logs S={"sbtc-backup" if os.path.isdir(backup_dumps.DUMPS) else "backup-copy"}')
    state = read_json(STATE)
    if (made, dump) == (state.get('stored'), state.get('dump')) and not state.get('error'):
        return f'{f"the copy of {made}" if made else dump} is stored and verified already'
    wanted = settings()
    repository = Repository(wanted)
    note(STATE, repository=repository.open(state.get('repository')))
    repository.run('unlock')
    sealed = [name for name in (SEALED, SEALED_NOTE) if os.path.exists(f'{BACKUP}/{name}')]
    wanted_hashes = expected(copy, dump, sealed)
    snapshot = repository.store(BACKUP, [*(['current'] if made else []), *([backup_dumps.FOLDER] if dump else []), *sealed])
    read_back(repository, snapshot, wanted_hashes)
    parts = min(PARTS, 1 + repository.size() // AT_ONCE)
    repository.run_alone('check', f'--read-data-subset={int(time.time() // 86400) % parts + 1}/{parts}')
    snapshot = repository.approve(snapshot)
    finished = now()
    note(STATE, error=None, failed=None, stored=made, dump=dump, last_success=finished, last_verified=finished, snapshot=snapshot[:8],
         database=copy.get('database'), secrets=read_json(f'{BACKUP}/{SEALED_NOTE}').get('made') if SEALED in sealed else None)
    kept = let_go(repository, wanted, snapshot)
    measure(copy, kept, time.monotonic() - began)
    return f'stored and verified as {snapshot[:8]}, {kept} kept in {repository.where}'


def expected(copy, dump, sealed):
    """The hashes by which a stored thing is known: of the databases those that were written down when they were found whole."""
    wanted = {f'/current/{COPY}': hash_of(f'{CURRENT}/{COPY}')} if copy.get('made') else {}
    if copy.get('database'):
        wanted[f'/current/{DATABASE}'] = copy['database']['sha256']
    for name in sealed:
        wanted[f'/{name}'] = hash_of(f'{BACKUP}/{name}')
    return {**wanted, **(backup_dumps.wanted_hashes(dump) if dump else {})}


def read_back(repository, snapshot, wanted):
    """What the repository gives is what was stored."""
    for path, digest in wanted.items():
        if repository.hash_of(snapshot, path) != digest:
            raise Failed(f'{path[1:]} reads back other than it was stored')


def let_go(repository, wanted, snapshot):
    """
    Only now, with a verified newest one, are older ones given up. Those that were never verified count for nothing, and
    go when they are older than this one. How many verified ones are left.
    """
    keep = [word for name in ('daily', 'weekly', 'monthly') for word in (f'--keep-{name}', wanted[f'keep_{name}']) if wanted[f'keep_{name}'] != '0']
    found = repository.snapshots()
    this = next(one for one in found if one['id'] == snapshot)
    stale = [one['id'] for one in found if not verified(one) and one['time'] < this['time']]
    try:
        if stale:
            repository.run_alone('forget', *stale)
        repository.run_alone('forget', '--tag', 'verified', '--host', repository.host, '--group-by', 'host', *keep, '--prune')
        note(STATE, note=None)
    except Failed as failed:
        # The backup itself is made: this is put off to the next.
        note(STATE, note=f'old backups were not removed: {failed}')
    return sum(map(verified, repository.snapshots()))


def measure(copy, kept, duration):
    """Written after a good backup alone: the age of the file is the age of the backup."""
    if not os.path.isdir(METRICS):
        return
    rows = [('stack_backup_last_success_timestamp_seconds', 'When the last backup was stored and verified.', f'{time.time():.0f}'),
            ('stack_backup_duration_seconds', 'How long storing and verifying it took.', f'{duration:.1f}'),
            ('stack_backup_database_bytes', 'Size of the signer\'s database in it.', str((copy.get('database') or {}).get('bytes', 0))),
            ('stack_backup_snapshots', 'Verified backups that are kept.', str(kept))]
    text = ''.join(f'# HELP {name} {about}\n# TYPE {name} gauge\n{name} {value}\n' for name, about, value in rows)
    write_atomically(f'{METRICS}/backup.prom', text.encode(), mode=0o644)


def show(repository):
    for one in repository.snapshots():
        size = (one.get('summary') or {}).get('total_bytes_processed')
        print(printable(f'{one["short_id"]}  {one["time"][:19]}Z  {"verified    " if verified(one) else "not verified"}  {f"{size / 1e6:.1f} MB" if size else ""}'.rstrip()))
    best = newest(repository.snapshots())
    print(printable(f'newest that was verified: {best["short_id"] if best else "none"}'))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
