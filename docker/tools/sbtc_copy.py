"""Copies of the dumps in folders elsewhere: a disk of another host, mounted. Each is read back before it gets its name."""

import os
import shutil

from dumps import DUMP, MANIFEST
from files import hash_of
from sbtc_run import Failed
from sbtc_store import PART, drop, give_name, part, read_dump

# Without it, nothing tells the mounted folder from the empty one below it on this host's own disk.
MARK = 'sbtc-backup-target'


def copy_all(dumps, folder):
    """Copies what is not there yet, the newest first. Returns how many; raises Failed."""
    try:
        if not os.path.exists(os.path.join(folder, MARK)):
            raise Failed(f'{folder} has no file {MARK}: is it mounted? Make the file once, where the copies are to go')
        for file in os.listdir(folder):
            if file.startswith(PART):
                os.unlink(os.path.join(folder, file))
        missing = [dump for dump in reversed(dumps) if dump.manifest and not is_there(dump, folder)]
        for dump in missing:
            copy_file(dump.path.removesuffix(DUMP) + MANIFEST, folder)
            copy_file(dump.path, folder, dump.manifest.get('sha256'))
    except OSError as error:
        raise Failed(f'{folder}: {error.strerror}') from None
    return len(missing)


def is_there(dump, folder):
    path = os.path.join(folder, dump.name + DUMP)
    return os.path.exists(path) and os.path.getsize(path) == dump.manifest.get('bytes')


def copy_file(path, folder, wanted=None):
    """What has to have the hash `wanted` is refused its name without it: the original may have gone bad as well as the copy."""
    with part(folder) as file:
        with open(path, 'rb') as original:
            shutil.copyfileobj(original, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
        if wanted and hash_of(file.name) != wanted:
            raise Failed(f'{path} did not arrive in {folder} as its manifest has it')
        give_name(file, os.path.join(folder, os.path.basename(path)))


def drop_copy(dump, folder):
    """Removes the copy of a dump that the policy lets go."""
    path = os.path.join(folder, dump.name + DUMP)
    if os.path.exists(path):
        drop(read_dump(path))
