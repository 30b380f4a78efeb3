"""Brings a snapshot back into a folder and looks whether all of it is right, for `make restore` and `make restore-drill`."""

import os
import shutil
import time
from datetime import datetime

from backup_database import describe
from backup_dumps import FOLDER, check_dumps
from backup_places import COPY, DATABASE, SEALED, SEALED_NOTE, STATE, Failed, room
from backup_restic import verified
from files import hash_of, read_json, write_json
from printable import printable


def newest(snapshots):
    """The newest verified one. One from the future was made with a wrong clock, and counts only where there is no other."""
    good = [one for one in snapshots if verified(one)]
    past = [one for one in good if taken(one) <= time.time() + 3600]
    return (past or good or [None])[-1]


def taken(snapshot):
    # restic writes nanoseconds, which Python does not read.
    text = snapshot['time']
    return datetime.fromisoformat(text[:19] + (text[-6:] if text[-6:-5] in '+-' else '+00:00')).timestamp()


def fetch(repository, folder, wanted, oldest=None):
    """`wanted` is the beginning of a snapshot's id, or '' for the newest. One older than `oldest` hours is right, but a failure."""
    repository.open(read_json(STATE).get('repository'), make=False)
    found = repository.snapshots()
    chosen = next((one for one in found if one['id'].startswith(wanted)), None) if wanted else newest(found)
    if not chosen:
        raise Failed(f'there is no snapshot {wanted}: make backup-list' if wanted else 'there is no verified backup yet: make backup-list')
    if not os.path.isdir(folder):
        os.mkdir(folder, 0o700)
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    room(folder, (chosen.get('summary') or {}).get('total_bytes_processed', 0))
    repository.run('restore', chosen['id'], '--target', folder)
    copy = read_json(f'{folder}/current/{COPY}')
    dump = check_dumps(f'{folder}/{FOLDER}')
    if not copy.get('made') and not dump:
        raise Failed(f'{chosen["short_id"]} holds neither {COPY} nor a dump')
    told = check(folder, copy) + (f'; {dump} of the sBTC signer' if dump else '')
    write_json(f'{folder}/fetched.json', {'snapshot': chosen['short_id'], 'made': copy.get('made'), 'database': copy.get('database')})
    age = max(0, time.time() - taken(chosen))
    print(printable(f'backup: {chosen["short_id"]}, of {copy.get("made") or chosen["time"][:19]} ({age / 3600:.0f} hours ago): {told}'), flush=True)
    if oldest is not None and age > oldest * 3600:
        raise Failed(f'what came back is right, but the newest backup is {age / 3600:.0f} hours old')
    return 0


def check(folder, copy):
    """Holds what was brought back against what was noted when it was copied."""
    database = copy.get('database')
    if database:
        path = f'{folder}/current/{DATABASE}'
        if not os.path.isfile(path) or hash_of(path) != database['sha256']:
            raise Failed('the database comes back other than it was copied')
        found = describe(path)
        if found != database:
            raise Failed(f'the database comes back with block {found["height"]} as its newest, not {database["height"]}')
    sealed = read_json(f'{folder}/{SEALED_NOTE}')
    if sealed and (not os.path.isfile(f'{folder}/{SEALED}') or hash_of(f'{folder}/{SEALED}') != sealed.get('sha256')):
        raise Failed('the sealed secrets come back other than they were stored')
    told = f'database whole, {database["bytes"]} bytes' + (f', newest block {database["height"]}' if database['height'] is not None else '') if database else 'no database in it'
    return f'{told}; {"sealed secrets of " + str(sealed.get("made")) if sealed else "no secrets in it"}'
