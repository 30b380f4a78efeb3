"""
Hands the newest dump that `backup.py --fetch` has brought back to sbtc-backup: into a folder of its scratch volume, under its
user. Runs in the init container, which alone sees both volumes: sbtc_arrive.py
"""

import os
import shutil
import sys

from backup_dumps import FOLDER, newest_dump
from backup_places import FETCHED
from consumers import CONSUMERS
from dumps import DUMP, MANIFEST
from layout import ROOT

WORK = f'{ROOT}/var/lib/sbtc-backup-work'
ARRIVED = f'{WORK}/fetched'


def main():
    source = f'{FETCHED}/{FOLDER}'
    name = newest_dump(source)
    if name is None:
        print('sbtc-arrive: what was brought back holds no dump', file=sys.stderr)
        return 1
    owner = next(one.owner for one in CONSUMERS if one.name == 'sbtc-backup-work')
    shutil.rmtree(ARRIVED, ignore_errors=True)
    try:
        os.mkdir(ARRIVED, 0o700)
        for end in (MANIFEST, DUMP):
            shutil.copyfile(f'{source}/{name}{end}', f'{ARRIVED}/{name}{end}')
            os.chown(f'{ARRIVED}/{name}{end}', *owner)
        os.chown(ARRIVED, *owner)
    except OSError as trouble:
        shutil.rmtree(ARRIVED, ignore_errors=True)
        print(f'sbtc-arrive: {trouble.filename or ARRIVED}: {trouble.strerror}', file=sys.stderr)
        return 1
    shutil.rmtree(FETCHED)
    print(name)
    return 0


if __name__ == '__main__':
    sys.exit(main())
