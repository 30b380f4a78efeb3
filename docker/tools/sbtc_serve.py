"""The scheduler: one dump a day and one whenever a new verified key appears, each tried out, the doubtful ones again and again."""

import os
import signal
import sys
import time

from files import read_json
from sbtc_database import GUIDE, THERE, asker, environment
from sbtc_run import CannotTell, Damaged, Failed
from sbtc_schedule import AGAIN, AT_LAST, COPY, OPEN, Tries, seconds, why_due
from sbtc_store import STATE, list_dumps

ENDED = 128 + signal.SIGTERM
# How long the database may take to come up.
STARTING = 120
# In seconds; a test cannot wait that long.
PAUSE = float(os.environ.get('SBTC_BACKUP_PAUSE_SECONDS', '60'))


def serve(config, backup, verify, say):
    """
    Until SIGTERM: `backup` takes a reason and says whether it worked, `verify` looks at the newest dump. What fails never ends it.
    Raises SystemExit.
    """
    told = []

    def end(*_):
        # The exception may come where it is taken for a failure: then the turn ends first.
        told.append(True)
        sys.exit(ENDED)
    signal.signal(signal.SIGTERM, end)
    await_database(config)
    last_success = None
    tries, looks = Tries(PAUSE, AT_LAST), Tries(PAUSE, AGAIN)
    while not told:
        now = time.monotonic()
        reason = due(config, None if last_success is None else now - last_success, quietly if tries.waiting(now) else say)
        if tries.due(reason, now):
            worked = attempt(lambda reason=reason: backup(reason), say) is True
            tries.ended(worked, reason, time.monotonic())
            if worked:
                last_success = time.monotonic()
        # Others dump, too: what is new is tried out at once.
        if looks.due(name := unproven(config), time.monotonic()):
            attempt(verify, say)
            looks.ended(unproven(config) != name, name, time.monotonic())
        if not told:
            time.sleep(PAUSE)
    sys.exit(ENDED)


def quietly(_):
    """What keeps a dump from being made was said when it failed."""


def await_database(config):
    """Both are started at once: a database that is not there yet is no failure, unless it stays away."""
    end = time.monotonic() + STARTING
    while time.monotonic() < end:
        try:
            return asker(config.database, environment(config))('SELECT to_json(1)')
        except (Failed, CannotTell, OSError):
            time.sleep(2)


def due(config, quiet, say):
    os.makedirs(config.store, 0o700, exist_ok=True)
    dumps = list_dumps(config.store)
    dumped = dumps[-1].verified if dumps else []
    # A new signer makes its tables at its first start. Where there were any, a database without is a fault.
    if not dumps and attempt(lambda: asker(config.database, environment(config))(THERE), say) is False:
        return ''
    keys = attempt(lambda: asker(config.database, environment(config))(GUIDE), say) or [None]
    state = read_json(os.path.join(config.store, STATE))
    last = seconds(state.get('last_dump')) if dumps else None
    return why_due(config.at, time.time(), last, quiet, keys[0], dumped) or (COPY if dumps and state.get('uncopied') else '')


def unproven(config):
    """The name of the newest dump, while it is in doubt."""
    dumps = list_dumps(config.store)
    return dumps[-1].name if dumps and dumps[-1].judged in OPEN else ''


def attempt(step, say):
    try:
        return step()
    except (Failed, CannotTell, Damaged, OSError) as error:
        say(f'that did not work: {error}')
        return None
