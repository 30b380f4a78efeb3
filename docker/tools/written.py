"""
What this host's signer has written, by its own database: it keeps there the last version that it sent to each of its slots
(`stackerdb_tracking` in stacks-signer/src/signerdb.rs, since 3.1.0.0.10.0). One number counts for all contracts of a cycle.
"""

import os
import sqlite3
from contextlib import closing
from urllib.parse import quote

from guarded import DATA
from stackerdb import NotYet

DATABASE = f'{DATA}/signer.sqlite'
WAIT = 5


def written(key):
    """The last version by slot number; empty where nothing was written yet, None where this release does not say."""
    if not os.path.exists(DATABASE):
        return {}
    try:
        with closing(sqlite3.connect(f'file:{quote(DATABASE)}?mode=ro', uri=True, timeout=WAIT)) as database:
            tables = {name for name, in database.execute('SELECT name FROM sqlite_master')}
            if 'stackerdb_tracking' not in tables:
                return None if tables else {}
            # The key stands there compressed or not, as it was given: what tells keys apart is in both.
            rows = database.execute('SELECT slot_id, max(slot_version) FROM stackerdb_tracking WHERE substr(public_key, 3, 64) = ? GROUP BY slot_id', (key[2:],))
            return dict(rows.fetchall())
    except sqlite3.Error as error:
        raise NotYet(f'the signer\'s database cannot be read now ({error})') from None
