"""Backups that fail, grow old, or lack the secrets."""

from datetime import datetime, timezone

from evidence import Missing, plain
from verdict import table

CHECKS = []
check = table(CHECKS)

HOUR = 3600


def state_of_backup(seen):
    """How the backups fare: `age` of the last good one in seconds, or None; `trouble` is what failed last, or ''."""
    section = seen.sections.get('backup.state')
    if section is not None and section.code != 0 and 'No such file' in section.err:
        return {'age': None, 'last': None, 'trouble': '', 'secrets': None}
    state = seen.answer('backup.state')
    last = state.get('last_success')
    try:
        at = datetime.strptime(str(last), '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=timezone.utc).timestamp() if last else None
    except ValueError:
        raise Missing('the state of the backups is not what it should be') from None
    return {'age': None if at is None else max(0, seen.now - at), 'last': last, 'secrets': state.get('secrets'),
            'trouble': plain(state.get('error') or state.get('copy_error') or state.get('note') or '')}


@check('backup-failed', 'A backup that failed', 'Put right what it says, then `make backup`. Those before are kept.', level='risk', needs=('backup',))
def backup_failed(seen):
    return state_of_backup(seen)['trouble'] or None


@check('backup-old', 'No good backup for more than a day', '`make backup`, and read what it says.', level='risk', needs=('backup',), because=('backup-failed',))
def backup_old(seen):
    age = state_of_backup(seen)['age']
    return 'none was ever finished' if age is None else f'the last one was {age / HOUR:.0f} hours ago' if age > 26 * HOUR else None


@check('backup-without-secrets', 'Backups without the secrets', 'Write BACKUP_AGE_RECIPIENT into answers.env, generate again, then `make backup`.', level='risk', needs=('backup',))
def backup_without_secrets(seen):
    state = state_of_backup(seen)
    return 'the last backup holds no sealed secrets' if state['age'] is not None and not state['secrets'] else None
