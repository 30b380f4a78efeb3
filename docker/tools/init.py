"""
One-shot: hands each volume to its consumer's user, and puts the configs, filled with secrets, where only that user
reads them. Runs as root with no more than CHOWN, DAC_OVERRIDE and FOWNER; may run again at any time, stack up or not.
"""

import fcntl
import os
import shutil
import stat
import sys

from check_secret import public_of
from consumers import CONSUMERS
import guarded
from files import make_folder, open_file, write_atomically
from fill import Refused, fill, read_key, read_plain, read_secret, without_observers
from layout import CERTS, CONFIG, DOCKER, GATE, ROOT
from printable import printable
from role import answered, role


def main():
    try:
        # Everything is read and checked before the first byte is written.
        plans = [(one, contents(one)) for one in CONSUMERS if one.config and os.path.isdir(ROOT + one.config)]
        data = [one for one in CONSUMERS if one.data and os.path.isdir(ROOT + one.data)]
        keys = [(one, key_of()) for one in CONSUMERS if one.guarded and os.path.isdir(ROOT + one.config) and os.path.isdir(ROOT + one.data)]
        part = role()[0]
        if not plans and not data:
            raise Refused('no volume is mounted: start it with "docker compose up -d", not by hand')
        for _, key in keys:
            guarded.withhold(part, key)
        for consumer, wanted in plans:
            prepare_config(consumer, wanted)
        for consumer in data:
            prepare_data(consumer)
        for consumer, key in keys:
            guarded.prepare(part, key, consumer.owner)
            print(f'{consumer.name}: this host is the {"standby" if part == "standby" else "active one"}')
            if not answered():
                print(f'{consumer.name}: config/facts.env does not say the role, and without it a host is a standby; generate the stack again')
    except Refused as refused:
        return f'init: {refused}'
    except OSError as trouble:
        return f'init: {trouble.filename or "a volume"}: {trouble.strerror}; see that the disk has room and is writable'
    return 0


def contents(consumer):
    """What belongs into the consumer's config volume: name to content and mode."""
    wanted = {}
    # The signer of a standby gets no key: what is not there cannot sign.
    configs = {} if consumer.guarded and role()[0] == 'standby' else consumer.configs
    for name, placeholders in configs.items():
        try:
            text = read(CONFIG, name).decode()
        except UnicodeDecodeError:
            raise Refused(f'config/{name} is not UTF-8 text; generate the stack again') from None
        wanted[os.path.basename(name)] = (fill(text, f'config/{name}', placeholders).encode(), 0o400)
        if name in consumer.alone:
            wanted[consumer.alone[name]] = (without_observers(wanted[name][0].decode(), f'config/{name}').encode(), 0o400)
    for name in consumer.scripts:
        wanted[name] = (read(GATE, name), 0o444)
    for name in consumer.certificates:
        wanted[name] = (read(CERTS, name), 0o444)
    if consumer.programs:
        wanted |= {name: (read(DOCKER, name), 0o444) for name in programs()}
    if consumer.key:
        wanted[f'{consumer.name}.key'] = (read_key(consumer.key), 0o400)
    for name in folder_files(consumer.folder):
        wanted[name] = (read(CONFIG, f'{consumer.folder}/{name}'), 0o400)
    for name in consumer.secrets:
        wanted[name] = (read_plain(name), 0o400)
    texts = [content for content, _ in wanted.values()]
    for name in consumer.named:
        if any(f'{consumer.config}/{name}'.encode() in text for text in texts):
            wanted[name] = (read(CERTS, name), 0o444) if name.endswith('.pem') else (read_key(name) if name.endswith('-ssh-key') else read_plain(name), 0o400)
    return wanted


def key_of():
    """The public key of the key that the signer's config is filled with."""
    return public_of(read_secret('SIGNER_PRIVATE_KEY'), 'secrets/signer-private-key')


def programs():
    """The names of the programs in docker/."""
    found = sorted(name for name in os.listdir(DOCKER) if name.endswith('.mjs'))
    if not found:
        raise Refused('docker/ has no programs; generate the stack again')
    return found


def folder_files(folder):
    """The files of a folder in config/, by their paths in it; none where a consumer has no folder."""
    if not folder:
        return []
    top = os.path.join(CONFIG, folder)
    found = [os.path.relpath(os.path.join(place, name), top) for place, _, names in os.walk(top) for name in names]
    if not found:
        raise Refused(f'config/{folder} is missing or empty; generate the stack again')
    return sorted(found)


def read(folder, name):
    shown = {CONFIG: 'config', GATE: 'docker/gate', DOCKER: 'docker', CERTS: 'certs'}[folder] + f'/{name}'
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
        # What others read stays readable meanwhile.
        give(directory, consumer.owner, 0o755 if consumer.shown else 0o700)
        folders = {folder for name in wanted for folder in parents(name)}
        for folder in sorted(folders):
            make_folder(os.path.join(directory, folder), consumer.owner)
        for name, (content, mode) in sorted(wanted.items()):
            path = os.path.join(directory, name)
            changed = not is_as_wanted(path, content, mode, consumer.owner)
            if changed:
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                write_atomically(path, content, mode, consumer.owner)
            print(f'{consumer.name}: {name} {"written" if changed else "unchanged"}')
        for folder in ('', *sorted(folders)):
            sweep(consumer, directory, folder, {*wanted, *folders, *(guarded.KEPT if consumer.guarded else ())})
            if folder:
                give(os.path.join(directory, folder), consumer.owner, 0o500)
        give(directory, consumer.owner, 0o555 if consumer.shown else 0o500)
    finally:
        os.close(handle)


def parents(name):
    """The folders that a file lies in, the outer one first."""
    parts = name.split('/')[:-1]
    return ['/'.join(parts[:count + 1]) for count in range(len(parts))]


def sweep(consumer, directory, folder, wanted):
    """Removes what does not belong into one folder of a volume."""
    for entry in sorted(os.scandir(os.path.join(directory, folder)), key=lambda one: one.name):
        name = f'{folder}/{entry.name}' if folder else entry.name
        if name not in wanted:
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
            print(printable(f'{consumer.name}: {name} removed'))


def is_as_wanted(path, content, mode, owner):
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) != mode or not owned(found, owner):
            return False
        with open_file(path) as file:
            return file.read() == content
    except FileNotFoundError:
        return False


def prepare_data(consumer):
    """The directory itself; what is inside only where it is little: chain data has hundreds of gigabytes."""
    directory = ROOT + consumer.data
    give(directory, consumer.owner, 0o755 if consumer.shown else 0o700 if consumer.group is None else 0o750)
    print(f'{consumer.name}: {consumer.data} belongs to {consumer.uid}')
    if consumer.few_files:
        give_content(consumer, directory)
        return
    for entry in sorted(os.scandir(directory), key=lambda one: one.name):
        uid = entry.stat(follow_symlinks=False).st_uid
        if uid != consumer.owner[0]:
            print(printable(f'{consumer.name}: note: {consumer.data}/{entry.name} belongs to {uid}; if {consumer.name} cannot '
                            f'write it, stop the stack and chown -R it to {consumer.uid}:{consumer.uid}'))


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
            print(printable(f'{consumer.name}: {os.path.relpath(os.path.join(folder, name), directory)} given to {consumer.uid}'))


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
