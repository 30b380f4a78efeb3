"""Where things stand in the containers. STACK_ROOT moves all of it elsewhere, for tests."""

import os

ROOT = os.environ.get('STACK_ROOT', '')

CONFIG = f'{ROOT}/stack/config'
SECRETS = f'{ROOT}/run/secrets'

DATA = f'{ROOT}/var/lib/stacks-node'


def owner(uid, gid):
    """User and group of a volume. A test that is not root keeps what it makes to itself."""
    return (os.geteuid(), os.getegid()) if ROOT and os.geteuid() != 0 else (uid, gid)


SIGNER = owner(2002, 2002)
SBTC_BACKUP = owner(999, 2002)
