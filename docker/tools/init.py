"""
One-shot: hands each volume to its consumer's user, and puts the configs, filled with secrets, where only that user
reads them. Runs as root with no more than CHOWN, DAC_OVERRIDE and FOWNER; may run again at any time, stack up or not.
"""

import fcntl
import os
import shutil
import stat
import sys
from dataclasses import dataclass

from files import write_atomically
from fill import Refused, fill, read_key
from layout import CERTS, CONFIG, GATE, ROOT

HTTP = ('http-ok.sh', 'http-get.sh')


@dataclass(frozen=True)
class Consumer:
    """
    `configs` maps a file in config/ to its placeholders: the key of the line, and the secret's name. `certificates` are
    files of certs/, `key` is the secret that belongs to them.
    """
    name: str
    uid: int
    config: str
    data: str | None
    configs: dict
    scripts: tuple = ()
    certificates: tuple = ()
    key: str = ''
    few_files: bool = False

    @property
    def owner(self):
        """User and group. A test that is not root keeps what it makes to itself."""
        return (os.geteuid(), os.getegid()) if ROOT and os.geteuid() != 0 else (self.uid, self.uid)


CONSUMERS = (
    Consumer('bitcoind', 101, '/etc/bitcoin', '/var/lib/bitcoin', {'bitcoin.conf': {}}),
    Consumer('stacks-node', 2001, '/etc/stacks-node', '/var/lib/stacks-node',
             {'node-config.toml': {'auth_token': 'AUTH_TOKEN'}}, ('stacks-node.sh', *HTTP)),
    Consumer('stacks-signer', 2002, '/etc/stacks-signer', '/var/lib/stacks-signer',
             {'signer-config.toml': {'stacks_private_key': 'SIGNER_PRIVATE_KEY', 'auth_password': 'AUTH_TOKEN'}},
             HTTP, few_files=True),
    Consumer('node-tls', 101, '/etc/node-tls', None, {'nginx/node-tls.conf': {}}, HTTP,
             ('ca.pem', 'node-tls.pem'), 'node-tls-key'),
    Consumer('signer-tls', 101, '/etc/signer-tls', None, {'nginx/signer-tls.conf': {}}, HTTP,
             ('ca.pem', 'signer-tls.pem'), 'signer-tls-key'),
)


def main():
    try:
        # Everything is read and checked before the first byte is written.
        plans = [(one, contents(one)) for one in CONSUMERS if os.path.isdir(ROOT + one.config)]
        data = [one for one in CONSUMERS if one.data and os.path.isdir(ROOT + one.data)]
        if not plans and not data:
            raise Refused('no volume is mounted: start it with "docker compose up -d", not by hand')
        for consumer, wanted in plans:
            prepare_config(consumer, wanted)
        for consumer in data:
            prepare_data(consumer)
    except Refused as refused:
        return f'init: {refused}'
    except OSError as trouble:
        return f'init: {trouble.filename or "a volume"}: {trouble.strerror}; see that the disk has room and is writable'
    return 0


def contents(consumer):
    """What belongs into the consumer's config volume: name to content and mode."""
    wanted = {}
    for name, placeholders in consumer.configs.items():
        try:
            text = read(CONFIG, name).decode()
        except UnicodeDecodeError:
            raise Refused(f'config/{name} is not UTF-8 text; generate the stack again') from None
        wanted[os.path.basename(name)] = (fill(text, f'config/{name}', placeholders).encode(), 0o400)
    for name in consumer.scripts:
        wanted[name] = (read(GATE, name), 0o444)
    for name in consumer.certificates:
        wanted[name] = (read(CERTS, name), 0o444)
    if consumer.key:
        wanted[f'{consumer.name}.key'] = (read_key(consumer.key), 0o400)
    return wanted


def read(folder, name):
    shown = {CONFIG: 'config', GATE: 'docker/gate', CERTS: 'certs'}[folder] + f'/{name}'
    try:
        with open(os.path.join(folder, name), 'rb') as file:
            return file.read()
    except OSError as trouble:
        raise Refused(f'{shown} cannot be read ({trouble.strerror}); generate the stack again') from None


def prepare_config(consumer, wanted):
    directory = ROOT + consumer.config
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Two runs at once would take each other's temporary files for leftovers.
        fcntl.flock(handle, fcntl.LOCK_EX)
        give(directory, consumer.owner, 0o700)
        for name, (content, mode) in sorted(wanted.items()):
            path = os.path.join(directory, name)
            changed = not is_as_wanted(path, content, mode, consumer.owner)
            if changed:
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                write_atomically(path, content, mode, consumer.owner)
            print(f'{consumer.name}: {name} {"written" if changed else "unchanged"}')
        for entry in sorted(os.scandir(directory), key=lambda one: one.name):
            if entry.name not in wanted:
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
                print(f'{consumer.name}: {entry.name} removed')
        give(directory, consumer.owner, 0o500)
    finally:
        os.close(handle)


def is_as_wanted(path, content, mode, owner):
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) != mode or not owned(found, owner):
            return False
        with open(path, 'rb') as file:
            return file.read() == content
    except FileNotFoundError:
        return False


def prepare_data(consumer):
    """The directory itself; what is inside only where it is little: chain data has hundreds of gigabytes."""
    directory = ROOT + consumer.data
    give(directory, consumer.owner, 0o700)
    print(f'{consumer.name}: {consumer.data} belongs to {consumer.uid}')
    if consumer.few_files:
        give_content(consumer, directory)
        return
    for entry in sorted(os.scandir(directory), key=lambda one: one.name):
        uid = entry.stat(follow_symlinks=False).st_uid
        if uid != consumer.owner[0]:
            print(f'{consumer.name}: note: {consumer.data}/{entry.name} belongs to {uid}; if {consumer.name} cannot '
                  f'write it, stop the stack and chown -R it to {consumer.uid}:{consumer.uid}')


def give_content(consumer, directory):
    """A restored backup often comes as root's. Links are given away themselves, never what they point to."""
    for folder, folders, names, handle in os.fwalk(directory):
        for name in (*folders, *names):
            try:
                if owned(os.stat(name, dir_fd=handle, follow_symlinks=False), consumer.owner):
                    continue
                os.chown(name, *consumer.owner, dir_fd=handle, follow_symlinks=False)
            except FileNotFoundError:
                continue  # a running signer makes and removes files beside its database
            print(f'{consumer.name}: {os.path.relpath(os.path.join(folder, name), directory)} given to {consumer.uid}')


def give(path, owner, mode):
    found = os.stat(path)
    if not owned(found, owner):
        os.chown(path, *owner)
    if stat.S_IMODE(found.st_mode) != mode:
        os.chmod(path, mode)


def owned(found, owner):
    return (found.st_uid, found.st_gid) == owner


if __name__ == '__main__':
    sys.exit(main())
