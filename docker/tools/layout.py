"""Where things stand in the containers. STACK_ROOT moves all of it elsewhere, for tests."""

import os

ROOT = os.environ.get('STACK_ROOT', '')

CONFIG = f'{ROOT}/stack/config'
GATE = f'{ROOT}/stack/gate'
DOCKER = f'{ROOT}/stack/docker'
CERTS = f'{ROOT}/stack/certs'
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

# The kept logs, and what the collection that filled them last has to say.
LOGS = f'{ROOT}/var/lib/stack-logs'
COLLECTED = f'{LOGS}/.collected.json'
