"""Takes a dump: the whole database in one snapshot, encrypted on its way to the disk, under its name only when it is all there."""

import os
import time

from dumps import DUMP, MANIFEST
from files import hash_of, sync_directory, write_json
from sbtc_database import environment, facts, snapshot
from sbtc_run import Failed, pipe, run
from sbtc_store import give_name, list_dumps, next_name, note, part

LOCK_WAIT = '--lock-wait-timeout=60000'


def make_dump(config, reason, now=None):
    """The Dump. Raises Failed or OSError; whatever goes wrong, nothing new has a final name then. Call it under the store's lock."""
    with snapshot(config) as (name, ask):
        found = facts(ask)
        server = ask("SELECT to_json(current_setting('server_version'))")
        recipients = [part for each in (own_recipient(config), *config.recipients) for part in ('--recipient', each)]
        number, base = next_name((config.store, *config.copies), now)
        path = os.path.join(config.store, base + DUMP)
        with part(config.store) as file:
            pipe(['pg_dump', '--format=custom', '--no-password', LOCK_WAIT, f'--snapshot={name}', '--dbname', config.database],
                 ['age', '--encrypt', *recipients], file, environment(config))
            file.flush()
            os.fsync(file.fileno())
            manifest = {
                'made': moment(now), 'reason': reason, 'network': config.network, 'deployer': config.deployer, 'publicKey': config.publicKey,
                'server': server, 'bytes': os.fstat(file.fileno()).st_size, 'sha256': hash_of(file.name), 'facts': found,
            }
            note(config.store, number=number)
            write_json(os.path.join(config.store, base + MANIFEST), manifest)
            give_name(file, path)
    return next(dump for dump in list_dumps(config.store) if dump.number == number)


def own_recipient(config):
    """That of this host's identity, which is made where there is none: it is what each dump is tried out with."""
    if not os.path.exists(config.identity):
        folder = os.path.dirname(config.identity)
        os.makedirs(folder, 0o700, exist_ok=True)
        new = os.path.join(folder, f'.new-identity-{os.getpid()}')
        run(['age-keygen', '--output', new])
        with open(new, 'rb') as file:
            os.fsync(file.fileno())
        os.rename(new, config.identity)
        sync_directory(folder)
    recipient = run(['age-keygen', '-y', config.identity]).strip()
    if not recipient.startswith('age1'):
        raise Failed(f'{config.identity} holds no age identity')
    return recipient


def moment(now=None):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(now))
