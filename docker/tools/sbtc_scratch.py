"""A fresh PostgreSQL that lives as long as one verification: a folder of its own, a private socket, no network."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager

from sbtc_run import FULL, NOT_FOR, CannotTell, Damaged, run, tail

PATIENCE = 120
# What is thrown away after use need not survive a power cut.
SETTINGS = ('listen_addresses=', 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=10',
            'shared_buffers=32MB', 'max_wal_size=256MB', 'logging_collector=off', 'log_destination=stderr',
            # What Docker gives a container of the usual kind of shared memory is too little.
            'dynamic_shared_memory_type=mmap')
NAME, OWNER = 'restored', 'scratch'
# What a dump has the server do is done by a role that may run no programs and read no files of this machine.
RESTORER = 'restorer'
# Who restores need not know the roles of the server that the dump is of.
RESTORE = ('pg_restore', '--exit-on-error', '--no-owner', '--no-acl')


@contextmanager
def scratch_folder(config):
    """An empty folder that is gone afterwards; older ones are cleared away: only one verification runs at a time."""
    os.makedirs(config.scratch, 0o700, exist_ok=True)
    for name in os.listdir(config.scratch):
        if name.startswith('verify-'):
            shutil.rmtree(os.path.join(config.scratch, name), ignore_errors=True)
    try:
        folder = tempfile.mkdtemp(prefix='verify-', dir=config.scratch)
    except OSError as error:
        raise CannotTell(f'{config.scratch}: {error.strerror}') from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def decrypt(dump, identity, folder):
    """The path of the dump's plain archive in the scratch folder. Raises Damaged, or CannotTell where the key may be the wrong one."""
    if not os.path.exists(identity):
        raise CannotTell(f'there is no identity to decrypt with at {identity}')
    path = os.path.join(folder, 'plain')
    try:
        run(['age', '--decrypt', '--identity', identity, '--output', path, dump.path], problem=Damaged)
    except Damaged as error:
        # With the manifest's hash right, the file is as it was made, and only the key can be wrong.
        if NOT_FOR in str(error) and dump.manifest:
            raise CannotTell(f'{identity} is not among the keys that the dump is encrypted to') from None
        raise
    if not os.path.exists(path):
        raise Damaged('the file decrypts to nothing')
    return path


@contextmanager
def fresh_server(folder):
    """The address of an empty database in a server that was made just now; raises CannotTell where none can be had."""
    data, log = os.path.join(folder, 'data'), os.path.join(folder, 'log')
    run(['initdb', '--pgdata', data, '--username', OWNER, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
        problem=CannotTell)
    arguments = [part for setting in SETTINGS for part in ('-c', setting)]
    with open(log, 'wb') as said:
        try:
            server = subprocess.Popen(['postgres', '-D', data, '-k', folder, *arguments], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        except OSError as error:
            raise CannotTell(f'postgres cannot be run: {error.strerror}') from None
    try:
        await_server(server, folder, log)
        run(['createuser', '--host', folder, '--username', OWNER, '--no-superuser', RESTORER], problem=CannotTell)
        run(['createdb', '--host', folder, '--username', OWNER, '--owner', RESTORER, '--template', 'template0', NAME], problem=CannotTell)
        yield f'postgresql://{RESTORER}@/{NAME}?host={folder}'
    except Damaged as error:
        with open(log, 'rb') as said:
            end = tail(said.read())
        if FULL in end or server.poll() is not None:
            raise CannotTell(f'the scratch server broke down: {end}') from error
        raise
    finally:
        stop(server)


def await_server(server, folder, log):
    end = time.monotonic() + PATIENCE
    while subprocess.run(['pg_isready', '-q', '-h', folder, '-U', OWNER], check=False).returncode:
        if server.poll() is not None or time.monotonic() > end:
            with open(log, 'rb') as said:
                raise CannotTell(f'the scratch server did not start: {tail(said.read())}')
        time.sleep(0.05)


def stop(server):
    """Ends it at once, without the last writes: nobody will read them."""
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def read_through(archive):
    """Reads an archive to its end, which tells of most damage without a server. Listing it would not: that works on one that ends early."""
    run(['pg_restore', '--file=/dev/null', archive], problem=Damaged)


def restore(archive, address, *more, surroundings=None, problem=Damaged):
    """Puts an archive into an empty database, and stops at the first thing that does not work."""
    run([*RESTORE, *more, '--dbname', address, archive], environment=surroundings, problem=problem)
