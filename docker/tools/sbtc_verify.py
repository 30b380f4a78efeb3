"""Tries a dump out: decrypts it, restores it into a fresh PostgreSQL, asks it what the guide asks, and compares with the chain."""

import os

from files import read_json, write_json
from sbtc_chain import Unreachable, ask_chain
from sbtc_database import asker, facts
from sbtc_dump import moment
from sbtc_run import CannotTell, Damaged, Failed, run
from sbtc_scratch import decrypt, fresh_server, read_through, restore, scratch_folder
from sbtc_store import DUMP, KNOWN, VERDICT, check_file, note
from sbtc_verdict import BY_NAME, judge, learned, worst

# What another day may see otherwise takes nothing back that was once proven.
PASSING = ('stale', 'chain-unreachable', 'not-verified')


def verify(config, dump, identity=None, fewer=False):
    """
    The verdict, what spoke for it, and the facts of the restored database where there are any. `identity` is this host's own
    unless it is given. `fewer`: that rows went is right, so what was known of their number counts no longer.
    """
    try:
        found = try_out(config, dump, identity or config.identity)
    except Damaged as error:
        return BY_NAME['damaged'], str(error), None
    except (CannotTell, Failed) as error:
        return BY_NAME['not-verified'], str(error), None
    except OSError as error:
        return BY_NAME['not-verified'], f'{error.filename or config.scratch}: {error.strerror}', None
    try:
        depth = found['blocks']['depth']
        chain, why = ask_chain(config, depth if depth and depth > 0 else None), ''
    except Unreachable as error:
        chain, why = None, str(error)
    verdict, text = worst(judge(config, found, dump.manifest, comparable(config, dump, fewer), chain, why))
    return verdict, text, found


def try_out(config, dump, identity):
    check_file(dump)
    same_major(dump)
    with scratch_folder(config) as folder:
        archive = decrypt(dump, identity, folder)
        read_through(archive)
        with fresh_server(folder) as address:
            restore(archive, address)
            return facts(asker(address, {}, Damaged))


def same_major(dump):
    """A restore by another major version proves nothing for the one that is to take the dump."""
    wanted = str(dump.manifest.get('server', '')).split('.')[0]
    have = run(['postgres', '--version'], problem=CannotTell).split()
    if wanted and wanted not in (each.split('.')[0] for each in have):
        raise CannotTell(f'the dump is of PostgreSQL {wanted}, and this is {" ".join(have)}')


def comparable(config, dump, fewer):
    """What is known of earlier dumps. An older one may well hold less than a newer one, but never other shares."""
    known = read_json(os.path.join(config.store, KNOWN))
    if fewer or dump.number < known.get('number', 0):
        return {name: value for name, value in known.items() if name not in ('rows', 'verified')}
    return known


def record(config, dump, verdict, text, found):
    """Beside the dump, in the state, and, where it is proven, as what later ones are compared with."""
    before = BY_NAME.get(dump.judged)
    if not (before and before.proven and verdict.name in PASSING):
        write_json(dump.path.removesuffix(DUMP) + VERDICT, {'verdict': verdict.name, 'text': text, 'at': moment()})
    path = os.path.join(config.store, KNOWN)
    if verdict.proven and dump.number >= read_json(path).get('number', 0):
        write_json(path, learned(found, dump.number))
    note(config.store, verdict=verdict.name, verdict_text=text, verified_dump=dump.name, **({'last_verified': moment()} if verdict.proven else {}))
