"""
The folder of dumps. Each is one encrypted file, beside it a manifest that was written before it got its name, and, once it was
looked at, a verdict. Their order is that of their numbers, which only grow: a clock may jump.
"""

import fcntl
import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass

from dumps import DUMP, MANIFEST, NAME, VERDICT
from files import hash_of, read_json, remove, sync_directory, write_json
from sbtc_run import Damaged

PART = '.part-'
KNOWN, STATE, LOCK = 'known.json', 'state.json', '.lock'


@dataclass(frozen=True)
class Dump:
    """`manifest` and `verdict` are empty where there is none that can be read."""
    number: int
    name: str
    path: str
    manifest: dict
    verdict: dict

    @property
    def judged(self):
        return str(self.verdict.get('verdict', ''))

    @property
    def verified(self):
        """The verified keys that it holds by its manifest, the newest first."""
        facts = self.manifest.get('facts')
        keys = facts.get('verified') if isinstance(facts, dict) else None
        return keys if isinstance(keys, list) else []


def list_dumps(folder):
    """The oldest first."""
    found = []
    for file in os.listdir(folder):
        if file.endswith(DUMP) and NAME.fullmatch(file.removesuffix(DUMP)):
            found.append(read_dump(os.path.join(folder, file)))
    return sorted(found, key=lambda dump: dump.number)


def read_dump(path):
    """The dump of a file anywhere, with what stands beside it; its number is 0 where the name tells none."""
    base = path.removesuffix(DUMP)
    name = os.path.basename(base)
    match = NAME.fullmatch(name)
    return Dump(int(match[1]) if match else 0, name, path, read_json(base + MANIFEST), read_json(base + VERDICT))


def next_name(folders, now=None):
    """A number above all that were ever given in the folders, the store first, and the name that it makes. Call it under the lock."""
    told = read_json(os.path.join(folders[0], STATE)).get('number', 0)
    # Every file counts: a manifest whose dump never came has used its number too. A copy that is not mounted counts when it is.
    files = [file for folder in folders if os.path.isdir(folder) for file in os.listdir(folder)]
    seen = [int(match[1]) for file in files if (match := NAME.match(file))]
    number = max([told if isinstance(told, int) else 0, *seen]) + 1
    return number, f'sbtc-signer-{number:06d}-{time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))}'


@contextmanager
def locked(folder):
    """One at a time works in the folder; what one that was killed left behind is cleared away."""
    os.makedirs(folder, 0o700, exist_ok=True)
    with open(os.path.join(folder, LOCK), 'a', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        clear(folder)
        yield


def clear(folder):
    """Removes parts, and what stands beside a dump that is not there."""
    files = os.listdir(folder)
    for file in files:
        base = next((file.removesuffix(end) for end in (MANIFEST, VERDICT) if file.endswith(end)), None)
        orphan = base is not None and NAME.fullmatch(base) and base + DUMP not in files
        if orphan or file.startswith((PART, '.new-')):
            remove(os.path.join(folder, file))


@contextmanager
def part(folder):
    """A file without a name of its own yet, open for writing; it is removed unless `give_name` was called."""
    descriptor, path = tempfile.mkstemp(prefix=PART, dir=folder)
    os.close(descriptor)
    try:
        with open(path, 'wb') as file:
            yield file
    finally:
        remove(path)


def give_name(file, path):
    """On the disk first, then under its name: never the other way round."""
    file.flush()
    os.fsync(file.fileno())
    os.fchmod(file.fileno(), 0o640)
    os.rename(file.name, path)
    sync_directory(os.path.dirname(path))


def check_file(dump):
    """Raises Damaged where the file is not the one that its manifest was written for."""
    size, wanted = os.path.getsize(dump.path), dump.manifest
    if not wanted:
        return
    if not isinstance(wanted.get('facts'), dict):
        raise Damaged('its manifest says nothing of what it holds')
    if size != wanted.get('bytes'):
        raise Damaged(f'the file has {size} bytes, and its manifest says {wanted.get("bytes")}')
    if hash_of(dump.path) != wanted.get('sha256'):
        raise Damaged('the file is not the one that its manifest was written for: its sha256 differs')


def drop(dump):
    """The dump first: without it, the rest is cleared away by whoever comes next."""
    base = dump.path.removesuffix(DUMP)
    for end in (DUMP, MANIFEST, VERDICT):
        remove(base + end)


def note(folder, **values):
    """Adds to the state, which status lines and the scheduler read."""
    path = os.path.join(folder, STATE)
    write_json(path, {**read_json(path), **values})
