"""Where things stand in the containers. STACK_ROOT moves all of it elsewhere, for tests."""

import os

ROOT = os.environ.get('STACK_ROOT', '')

CONFIG = f'{ROOT}/stack/config'
SECRETS = f'{ROOT}/run/secrets'

# The snapshot's places: all in the node's data volume, so that the last step is a rename.
DATA = f'{ROOT}/var/lib/stacks-node'
MARKER = f'{DATA}/.snapshot.json'
STAGING = f'{DATA}/.snapshot'
LOCK = f'{STAGING}/lock'
STATUS = f'{STAGING}/status.json'
PART = f'{STAGING}/archive.part'
MAP = f'{STAGING}/archive.map'
PART_INFO = f'{STAGING}/archive.json'
TREE = f'{STAGING}/tree'
UNPACKED = f'{STAGING}/unpacked.json'

REJECTED = f'{STAGING}/rejected.json'
# A refresh: what it is at, and the note of a swap that is under way.
REFRESH = f'{STAGING}/refresh.json'
SWAP = f'{DATA}/.snapshot-swap.json'


def owner(uid, gid):
    """User and group of a volume. A test that is not root keeps what it makes to itself."""
    return (os.geteuid(), os.getegid()) if ROOT and os.geteuid() != 0 else (uid, gid)


SIGNER = owner(2002, 2002)
SBTC_BACKUP = owner(999, 2002)
