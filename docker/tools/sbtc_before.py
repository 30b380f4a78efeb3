"""
One dump before a release of the sBTC signer starts that has not run here: it may change the database, and nothing but a dump
leads back. The release is noted once the dump is there; a database without the signer's tables has nothing to lose.
"""

import os

from files import read_json
from sbtc_database import THERE, asker, environment
from sbtc_run import Failed
from sbtc_serve import await_database
from sbtc_store import STATE, locked, note


def before(config, release, backup, say):
    """0 where `release` may start; `backup` takes a reason and says whether it worked. Raises Failed where the database does not answer."""
    if read_json(os.path.join(config.store, STATE)).get('release') == release:
        say(f'{release} has started here before')
        return 0
    if await_database(config) is None:
        raise Failed('the database does not answer, so it cannot be dumped: make logs S=postgres')
    if asker(config.database, environment(config))(THERE) and not backup('upgrade'):
        say(f'{release} does not start without a dump of what is there now: put that right, then docker compose up -d')
        return 1
    with locked(config.store):
        note(config.store, release=release)
    say(f'{release} may start')
    return 0
