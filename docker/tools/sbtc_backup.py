"""
Backups of the sBTC signer's database, and the proof that they are good:

  sbtc_backup.py backup [--reason WORD]          makes one dump now, copies it, and verifies it
  sbtc_backup.py verify [FILE] [--fewer-rows-are-right]
  sbtc_backup.py restore FILE --confirm DATABASE [--despite VERDICT] [--identity FILE]
  sbtc_backup.py restore-drill [--from FOLDER] [--identity FILE]
  sbtc_backup.py list
  sbtc_backup.py before RELEASE                  makes one if that release of the signer never started here
  sbtc_backup.py serve                           makes one a day, and whenever a new verified key appears
  sbtc_backup.py health                          whether serve shows a sign of life

--config names another file than /etc/stack/sbtc-backup.json, and --identity - reads the identity from stdin. It ends with 0 for good, 1 when it failed, 2 when it was asked
wrongly, and with a code of its own for every other verdict: see sbtc_verdict.py.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from contextlib import contextmanager

from backup_alive import alive, healthy
from printable import printable
import sbtc_report as report
from sbtc_before import before
from sbtc_config import PLACE, read_config
from sbtc_copy import copy_all, drop_copy
from sbtc_dump import make_dump, moment
from sbtc_keep import to_drop
from sbtc_restore import OVERRULED, restore_dump
from sbtc_run import CannotTell, Damaged, Failed, Misused
from sbtc_schedule import COPY
from sbtc_serve import ENDED, serve
from sbtc_store import drop, list_dumps, locked, note, read_dump
from sbtc_verify import record, verify


def say(text):
    print(f'sbtc-backup: {printable(text)}', flush=True)


def backup(config, reason):
    """
    0 once there is a dump more, here and in every place of copies; `copy` makes none, and copies what could not be. What is
    wrong with it is another question.
    """
    with locked(config.store):
        worked, trouble = False, ''
        try:
            dump = newest(config.store) if reason == COPY else make_dump(config, reason)
            say(f'{dump.name}: {dump.manifest["bytes"]} bytes ({reason})')
            note(config.store, last_dump=moment(), uncopied=bool(config.copies))
            for folder in config.copies:
                say(f'{copy_all(list_dumps(config.store), folder)} copied to {folder}')
            note(config.store, last_success=moment(), uncopied=False)
            report.write(config, report.BACKUP, report.backup_page(dump, list_dumps(config.store)))
            worked = True
        except (Failed, CannotTell, OSError) as error:
            trouble = str(error)
            say(f'no backup: {trouble}')
        tell(config, worked, trouble)
    return 0 if worked else 1


def tell(config, worked, trouble):
    """A full disk may be the very reason, and keeps this from being told too."""
    for step in (lambda: note(config.store, error=trouble), lambda: report.write(config, report.ATTEMPT, report.attempt_page(worked))):
        try:
            step()
        except OSError as error:
            say(f'this cannot be noted: {error}')


def verify_one(config, path=None, fewer=False):
    """The exit code of the verdict on a file, or on the newest dump."""
    with locked(config.store):
        dump = read_dump(path) if path else newest(config.store)
        verdict, text, found = verify(config, dump, fewer=fewer)
        say(f'{dump.name}: {verdict.name}: {text}')
        if os.path.dirname(os.path.abspath(dump.path)) == os.path.abspath(config.store):
            record(config, dump, verdict, text, found)
            report.write(config, report.VERIFIED, report.verify_page(dump, verdict))
        if verdict.proven:
            let_go(config)
        return verdict.code


def let_go(config):
    for dump in to_drop(list_dumps(config.store), config.policy):
        say(f'{dump.name} goes: enough newer ones are proven')
        drop(dump)
        for folder in config.copies:
            drop_copy(dump, folder)


def newest(folder):
    dumps = list_dumps(folder)
    if not dumps:
        raise Failed(f'there is no dump in {folder}')
    return dumps[-1]


def restore(config, path, confirmed, despite, identity):
    dump = read_dump(path)
    with locked(config.store):
        verdict, text = restore_dump(config, dump, confirmed, despite, identity)
    say(f'{os.path.basename(path)}: {verdict.name}: {text}')
    if verdict.proven or verdict.name in despite:
        say(f'its newest verified key is {dump.verified[0] if dump.verified else "told by no manifest"}')
        say(f'{config.database_name} holds it now. Start the signer on one host alone: the same key must never run twice')
        return 0
    return verdict.code


def drill(config, folder, identity):
    """As after the loss of the host: from the copy, with the operator's own identity."""
    folder = folder or (config.copies or (config.store,))[0]
    with locked(config.store):
        dump, began = newest(folder), time.monotonic()
        verdict, text, found = verify(config, dump, identity)
        took = time.monotonic() - began
        report.write(config, report.DRILL, report.drill_page(dump, verdict, took))
        note(config.store, last_drill=moment(), drill=verdict.name)
    say(f'{dump.name} from {folder}: {verdict.name}: {text}')
    if found:
        say(f'brought back in {took:.0f} s: {sum(found["rows"].values())} rows, {len(found["verified"])} verified keys, '
            f'block {found["blocks"]["height"]}')
    return verdict.code


@contextmanager
def named(identity):
    """The path of an identity; `-` is what comes on stdin, which then never has a name outside of this container's memory."""
    if identity != '-':
        yield identity
        return
    with tempfile.NamedTemporaryFile(dir='/tmp') as file:
        file.write(sys.stdin.buffer.read(1 << 20))
        file.flush()
        yield file.name


def show(config):
    for dump in list_dumps(config.store):
        say(f'{dump.name}  {dump.manifest.get("bytes")} bytes  {dump.manifest.get("reason")}  {dump.judged or "not yet verified"}')
    return 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument('--config', default=PLACE)
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('backup').add_argument('--reason', default='by-hand')
    verifying = commands.add_parser('verify')
    verifying.add_argument('file', nargs='?')
    verifying.add_argument('--fewer-rows-are-right', action='store_true', dest='fewer')
    restoring = commands.add_parser('restore')
    restoring.add_argument('file')
    restoring.add_argument('--confirm', required=True)
    restoring.add_argument('--despite', action='append', default=[], choices=OVERRULED)
    restoring.add_argument('--identity')
    drilling = commands.add_parser('restore-drill')
    drilling.add_argument('--from', dest='folder')
    drilling.add_argument('--identity')
    commands.add_parser('list')
    commands.add_parser('before').add_argument('release')
    commands.add_parser('serve')
    commands.add_parser('health')
    return parser.parse_args()


def main():
    given = arguments()
    if given.command == 'health':
        return healthy()
    config = read_config(given.config)
    match given.command:
        case 'backup':
            return backup(config, given.reason) or verify_one(config)
        case 'verify':
            return verify_one(config, given.file, given.fewer)
        case 'restore':
            with named(given.identity) as identity:
                return restore(config, given.file, given.confirm, given.despite, identity)
        case 'restore-drill':
            with named(given.identity) as identity:
                return drill(config, given.folder, identity)
        case 'list':
            return show(config)
        case 'before':
            return before(config, given.release, lambda reason: backup(config, reason) == 0, say)
    alive()
    return serve(config, lambda reason: backup(config, reason) == 0, lambda: verify_one(config), say)


if __name__ == '__main__':
    # So that what was begun is cleared away; a kill that cannot be caught leaves it to the next one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))
    os.umask(0o027)
    try:
        sys.exit(main())
    except Misused as error:
        say(error)
        sys.exit(2)
    except (Failed, CannotTell, Damaged, OSError) as error:
        say(error)
        sys.exit(1)
