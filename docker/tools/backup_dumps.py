"""The sBTC signer's dumps as `backup` sees them: read-only, encrypted already by sbtc-backup, beside the copy of the signer's database."""

import os
import time

from backup_places import BACKUP, Failed
from dumps import DUMP, MANIFEST, NAME, VERDICT
from files import hash_of, read_json

FOLDER = 'sbtc'
DUMPS = f'{BACKUP}/{FOLDER}'
# sbtc-backup looks at a dump right after it was made, and then removes old ones. It goes off the host all the same where that takes long.
LOOKED_AT = 900


def newest_dump(folder=DUMPS):
    """The name of the newest dump; None where there is none. Their order is that of their numbers."""
    try:
        files = os.listdir(folder)
    except FileNotFoundError:
        return None
    names = [file.removesuffix(DUMP) for file in files if file.endswith(DUMP) and NAME.fullmatch(file.removesuffix(DUMP))]
    return max(names, key=lambda name: int(NAME.fullmatch(name)[1]), default=None)


def waiting(stored):
    """Whether there is a newer dump than `stored`, and nobody is about to change the folder."""
    name = newest_dump()
    if name is None or name == stored:
        return False
    path = f'{DUMPS}/{name}'
    return os.path.exists(path + VERDICT) or time.time() - os.stat(path + DUMP).st_mtime > LOOKED_AT


def wanted_hashes(name):
    """What the repository must give back for the newest dump: what its manifest was written for."""
    path = f'{DUMPS}/{name}'
    if not os.path.exists(path + MANIFEST):
        raise Failed(f'{name} has no manifest')
    return {f'/{FOLDER}/{name}{DUMP}': read_json(path + MANIFEST).get('sha256'), f'/{FOLDER}/{name}{MANIFEST}': hash_of(path + MANIFEST)}


def check_dumps(folder):
    """Holds the newest dump that was brought back against its manifest; what can be said of it, or None without one."""
    name = newest_dump(folder)
    if name is None:
        return None
    if hash_of(f'{folder}/{name}{DUMP}') != read_json(f'{folder}/{name}{MANIFEST}').get('sha256'):
        raise Failed(f'{name} comes back other than it was made')
    return name
