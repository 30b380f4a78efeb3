"""Backups that fail, grow old, or lack the secrets, and dumps of an sBTC signer that are not proven."""

from datetime import datetime, timezone

from dumps import PROVEN
from evidence import Missing, plain
from verdict import table

CHECKS = []
check = table(CHECKS)

HOUR = 3600


def age_of(seen, text):
    """Seconds since a time of the notes; None where there is none."""
    try:
        return max(0, seen.now - datetime.strptime(str(text), '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=timezone.utc).timestamp()) if text else None
    except ValueError:
        raise Missing('the state of the backups is not what it should be') from None


def too_old(age, never):
    """What is wrong with the last one being `age` seconds old; `never` where there is none."""
    return never if age is None else f'the last one was {age / HOUR:.0f} hours ago' if age > 26 * HOUR else None


def unwritten(seen, name):
    """Whether the service answers, and has written nothing of its state yet."""
    section = seen.sections.get(name)
    return section is not None and section.code != 0 and 'No such file' in section.err


def state_of_backup(seen):
    """How the backups fare: `age` of the last good one in seconds, or None; `trouble` is what failed last, or ''."""
    if unwritten(seen, 'backup.state'):
        return {'age': None, 'last': None, 'trouble': '', 'secrets': None}
    state = seen.answer('backup.state')
    last = state.get('last_success')
    return {'age': age_of(seen, last), 'last': last, 'secrets': state.get('secrets'),
            'trouble': plain(state.get('error') or state.get('copy_error') or state.get('note') or '')}


@check('backup-failed', 'A backup that failed', 'Put right what it says, then `make backup`. Those before are kept.', level='risk', needs=('backup',))
def backup_failed(seen):
    return state_of_backup(seen)['trouble'] or None


@check('backup-old', 'No good backup for more than a day', '`make backup`, and read what it says.', level='risk', needs=('backup',), because=('backup-failed',))
def backup_old(seen):
    return too_old(state_of_backup(seen)['age'], 'none was ever finished')


@check('backup-without-secrets', 'Backups without the secrets', 'Write BACKUP_AGE_RECIPIENT into answers.env, generate again, then `make backup`.', level='risk', needs=('backup-copy',))
def backup_without_secrets(seen):
    state = state_of_backup(seen)
    return 'the last backup holds no sealed secrets' if state['age'] is not None and not state['secrets'] else None


def state_of_dumps(seen):
    """
    How the dumps of the sBTC signer's database fare: `age` of the last one in seconds, or None, `verdict` what was found of
    the newest, `stored` whether `backup` has it, `trouble` what failed last, or ''.
    """
    if unwritten(seen, 'sbtc-backup.state'):
        return {'age': None, 'dump': None, 'verdict': '', 'proven': False, 'stored': False, 'trouble': '', 'why': ''}
    state = seen.answer('sbtc-backup.state')
    # A verdict on the one before says nothing of the newest.
    newest = isinstance(state.get('verified_dump'), str) and f'-{state.get("number"):06d}-' in state['verified_dump'] if isinstance(state.get('number'), int) else False
    verdict = plain(state.get('verdict') or '') if newest else ''
    return {'age': age_of(seen, state.get('last_success')), 'dump': state.get('verified_dump'), 'verdict': verdict, 'proven': verdict in PROVEN,
            'stored': newest and seen.has('backup.state') and seen.answer('backup.state').get('dump') == state['verified_dump'],
            'trouble': plain(state.get('error') or ''), 'why': plain(state.get('verdict_text') or '')[:300]}


@check('sbtc-backup-failed', 'A dump of the sBTC signer\'s database that failed', 'Put right what it says, then `make sbtc-backup`. Those before are kept.', level='risk', needs=('sbtc-backup',))
def sbtc_backup_failed(seen):
    return state_of_dumps(seen)['trouble'] or None


@check('sbtc-backup-old', 'No dump of the sBTC signer\'s database for more than a day', '`make sbtc-backup`, and read what it says.', level='risk', needs=('sbtc-backup',), because=('sbtc-backup-failed',))
def sbtc_backup_old(seen):
    return too_old(state_of_dumps(seen)['age'], 'none was ever made')


@check('sbtc-backup-not-proven', 'A newest dump that is not proven good', 'RUNBOOK.md or README.md say what each verdict means; `make sbtc-backup-verify` looks again.', level='risk', needs=('sbtc-backup',))
def sbtc_backup_not_proven(seen):
    state = state_of_dumps(seen)
    return f'{state["verdict"]}: {state["why"]}' if state['verdict'] and not state['proven'] else None


@check('sbtc-backup-not-stored', 'Dumps that are on this host alone', '`make sbtc-backup`, and read what it says: what the storing lacks, `make status` tells too.', level='risk', needs=('sbtc-backup',))
def sbtc_backup_not_stored(seen):
    state = state_of_dumps(seen)
    return f'{state["dump"]} is in no backup' if state['verdict'] and not state['stored'] and state['age'] is not None and state['age'] > 2 * HOUR else None


@check('sbtc-upgrade-dump-failed', 'No dump of the sBTC signer\'s database before its new release, so it may not start', 'Put right what it says, then `make up`. README.md, "Dumps of the sBTC signer\'s database", says how to start without.', needs=('sbtc-backup',), because=('init-failed', 'disk-full'))
def sbtc_upgrade_dump_failed(seen):
    said = seen.last_words('sbtc-upgrade-dump', 'sbtc-backup: ')
    return '; '.join(line.removeprefix('sbtc-backup: ') for line in said[-2:])[:400] or None
