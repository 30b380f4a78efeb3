"""
Seals the secrets to the operator's age recipients, and looks into what was sealed. Runs in the init container: no network.

  backup_secrets.py --seal     a tar of secrets/ and what belongs to it on stdin; the sealed file goes beside the copy
  backup_secrets.py --check    an age identity on stdin; opens the sealed file of a restore drill
"""

import hashlib
import io
import os
import subprocess
import sys
import tarfile

from backup_places import BACKUP, CONFIG, DRILL, SEALED, SEALED_NOTE, Failed, locked, now, settings
from files import open_file, write_atomically, write_json
from layout import SIGNER
from public_key import PRIVATE_KEY, public_key

LARGEST = 16 << 20
KEY = 'secrets/signer-private-key'


def main(arguments):
    try:
        if arguments == ['--seal']:
            return seal(sys.stdin.buffer.read(LARGEST + 1))
        if arguments == ['--check']:
            return check(sys.stdin.buffer.read(LARGEST))
    except Failed as failed:
        print(f'backup-secrets: {failed}', file=sys.stderr)
        return 1
    except OSError as trouble:
        print(f'backup-secrets: {trouble.filename or BACKUP}: {trouble.strerror}', file=sys.stderr)
        return 1
    print('backup_secrets.py: say --seal or --check', file=sys.stderr)
    return 2


def seal(content):
    if len(content) > LARGEST:
        raise Failed(f'secrets/ and what belongs to it have more than {LARGEST >> 20} MB')
    names = look(content, settings(CONFIG).get('public_key'))
    sealed = age(['-R', f'{CONFIG}/recipients.txt'], content, 'age takes no recipient of config/backup/recipients.txt: see BACKUP_AGE_RECIPIENT, and generate the stack again')
    with locked('store', SIGNER):
        write_atomically(f'{BACKUP}/{SEALED}', sealed, mode=0o600, owner=SIGNER)
        note = {'made': now(), 'sha256': hashlib.sha256(sealed).hexdigest(), 'files': names}
        write_json(f'{BACKUP}/{SEALED_NOTE}', note, owner=SIGNER)
    print(f'backup-secrets: {len(names)} files sealed; they go with the next backup')
    return 0


def look(content, wanted):
    """The names of the files in the tar. Raises Failed where the signer's key is not in it, or another one is."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode='r:') as archive:
            members = {os.path.normpath(one.name): one for one in archive if one.isfile()}
            found = archive.extractfile(members[KEY]).read(4096).decode('latin-1').strip() if KEY in members else None
    except (tarfile.TarError, EOFError):
        raise Failed('what is to be sealed is no tar archive') from None
    if found is None:
        raise Failed(f'{KEY} is not in it')
    if not PRIVATE_KEY.fullmatch(found):
        raise Failed(f'{KEY} holds no signer key')
    public = public_key(found)
    if wanted and public != wanted:
        raise Failed(f'{KEY} is the key of {public}, and this stack signs with {wanted}')
    return sorted(members)


def age(arguments, content, refusal, pass_fds=()):
    """What age says on stdout. What it says on stderr is not shown: it quotes what it was given, which may be a key."""
    ran = subprocess.run(['age', *arguments], input=content, capture_output=True, pass_fds=pass_fds)
    if ran.returncode != 0:
        raise Failed(refusal)
    return ran.stdout


def check(identity):
    wanted = settings(CONFIG).get('public_key')
    try:
        sealed = open_file(f'{DRILL}/{SEALED}')
    except FileNotFoundError:
        raise Failed('the newest backup holds no sealed secrets: make backup') from None
    with sealed:
        if os.fstat(sealed.fileno()).st_size > 2 * LARGEST:
            raise Failed(f'{SEALED} of the backup is larger than any that was made')
        opened = age(['-d', '-i', '-', f'/dev/fd/{sealed.fileno()}'], identity, 'age: the identity does not open it, or is none', (sealed.fileno(),))
    names = look(opened, wanted)
    print(f'backup-secrets: the identity opens them: {len(names)} files, and the key is {"that of this stack, " + wanted if wanted else "a signer key"}')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
