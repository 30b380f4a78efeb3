"""The scheduler: one dump a day and one whenever a new verified key appears, each tried out, the doubtful ones again and again."""

import os
import time

from files import read_json
from sbtc_database import GUIDE, asker, environment
from sbtc_run import CannotTell, Damaged, Failed
from sbtc_schedule import AFTER_FAILURE, AGAIN, COPY, OPEN, seconds, why_due
from sbtc_store import STATE, list_dumps

# In seconds; a test cannot wait that long.
PAUSE = float(os.environ.get('SBTC_BACKUP_PAUSE_SECONDS', '60'))


def serve(config, backup, verify, say):
    """For ever: `backup` takes a reason and says whether it worked, `verify` looks at the newest dump. What fails never ends it."""
    last_success = failed = looked = None
    while True:
        now = time.monotonic()
        if failed is None or now - failed >= AFTER_FAILURE:
            reason = due(config, None if last_success is None else now - last_success, say)
            if reason:
                worked = attempt(lambda reason=reason: backup(reason), say) is True
                last_success, failed = (time.monotonic(), None) if worked else (last_success, time.monotonic())
                looked = None if worked else looked
        if (looked is None or time.monotonic() - looked >= AGAIN) and unproven(config):
            attempt(verify, say)
            looked = time.monotonic()
        time.sleep(PAUSE)


def due(config, quiet, say):
    os.makedirs(config.store, 0o700, exist_ok=True)
    dumps = list_dumps(config.store)
    dumped = dumps[-1].verified if dumps else []
    keys = attempt(lambda: asker(config.database, environment(config))(GUIDE), say) or [None]
    state = read_json(os.path.join(config.store, STATE))
    last = seconds(state.get('last_dump')) if dumps else None
    return why_due(config.at, time.time(), last, quiet, keys[0], dumped) or (COPY if dumps and state.get('uncopied') else '')


def unproven(config):
    dumps = list_dumps(config.store)
    return bool(dumps) and dumps[-1].judged in OPEN


def attempt(step, say):
    try:
        return step()
    except (Failed, CannotTell, Damaged, OSError) as error:
        say(f'that did not work: {error}')
        return None
