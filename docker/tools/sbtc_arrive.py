"""
Hands the newest dump that `backup.py --fetch` has brought back to sbtc-backup: into a folder of its scratch volume, under its
user. Runs in the init container, which alone sees both volumes: sbtc_arrive.py
"""

import shutil
import sys

from backup_dumps import FOLDER, newest_dump
from backup_places import FETCHED
from dumps import DUMP, MANIFEST
from files import make_folder, new_file, open_file
from layout import ROOT, SBTC_BACKUP

WORK = f'{ROOT}/var/lib/sbtc-backup-work'
ARRIVED = f'{WORK}/fetched'


def main():
    source = f'{FETCHED}/{FOLDER}'
    name = newest_dump(source)
    if name is None:
        print('sbtc-arrive: what was brought back holds no dump', file=sys.stderr)
        return 1
    owner = SBTC_BACKUP
    shutil.rmtree(ARRIVED, ignore_errors=True)
    try:
        make_folder(ARRIVED, owner)
        for end in (MANIFEST, DUMP):
            with open_file(f'{source}/{name}{end}') as brought, new_file(f'{ARRIVED}/{name}{end}', 0o600, owner) as file:
                shutil.copyfileobj(brought, file, 1 << 20)
    except OSError as trouble:
        shutil.rmtree(ARRIVED, ignore_errors=True)
        print(f'sbtc-arrive: {trouble.filename or ARRIVED}: {trouble.strerror}', file=sys.stderr)
        return 1
    shutil.rmtree(FETCHED)
    print(name)
    return 0


if __name__ == '__main__':
    sys.exit(main())
