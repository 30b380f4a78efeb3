"""Where things stand in the containers. STACK_ROOT moves all of it elsewhere, for tests."""

import os

ROOT = os.environ.get('STACK_ROOT', '')

CONFIG = f'{ROOT}/stack/config'
GATE = f'{ROOT}/stack/gate'
DOCKER = f'{ROOT}/stack/docker'
CERTS = f'{ROOT}/stack/certs'
SECRETS = f'{ROOT}/run/secrets'

DATA = f'{ROOT}/var/lib/stacks-node'

# The kept logs, and what the collection that filled them last has to say.
LOGS = f'{ROOT}/var/lib/stack-logs'
COLLECTED = f'{LOGS}/.collected.json'
