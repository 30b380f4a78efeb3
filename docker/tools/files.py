"""
Files that are either the old one or the new one, whatever happens in between. A path is walked folder by folder, and no part of
it may be a link: much of this runs as root, or beside a program that reaches the internet, in folders that others write.
"""

import errno
import hashlib
import json
import os
import secrets
import stat
from contextlib import contextmanager


@contextmanager
def open_folder(path):
    """A folder's handle, for names in it."""
    handle = os.open('/', os.O_PATH | os.O_DIRECTORY)
    *outer, last = os.path.abspath(path)[1:].split('/')
    try:
        for name, access in (*((name, os.O_PATH) for name in outer), (last or '.', os.O_RDONLY)):
            inner = os.open(name, access | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = inner
    except OSError as trouble:
        os.close(handle)
        raise OSError(trouble.errno, trouble.strerror, path) from None
    try:
        yield handle
    finally:
        os.close(handle)


def open_file(path):
    """A regular file for reading: nothing that a link, a FIFO or a device could stand for."""
    with open_folder(os.path.dirname(path)) as place:
        try:
            handle = os.open(os.path.basename(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
        except OSError as trouble:
            raise OSError(trouble.errno, 'It is a link' if trouble.errno == errno.ELOOP else trouble.strerror, path) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, 'It is no regular file', path)
    return open(handle, 'rb')


@contextmanager
def new_file(path, mode=0o640, owner=None, durable=True):
    """A file to write to, which has no name before the end, and then takes that of `path`. Owner and mode are set before. `durable`: after a power cut too."""
    name, temporary = os.path.basename(path), f'.new-{secrets.token_hex(8)}'
    with open_folder(os.path.dirname(path)) as place:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=place)
        try:
            with os.fdopen(descriptor, 'wb') as file:
                yield file
                if owner is not None:
                    os.fchown(descriptor, *owner)
                os.fchmod(descriptor, mode)
                file.flush()
                if durable:
                    os.fsync(descriptor)
            os.rename(temporary, name, src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            # It may be a signal's, come when the file had its name already: what is missing must not take its place.
            try:
                os.unlink(temporary, dir_fd=place)
            except FileNotFoundError:
                pass
            raise
        if durable:
            os.fsync(place)


def write_atomically(path, content, mode=0o640, owner=None, durable=True):
    """Replaces `path` by `content` (bytes)."""
    with new_file(path, mode, owner, durable) as file:
        file.write(content)


def make_folder(path, owner, mode=0o700):
    """A folder of that owner. What else stands there, a link too, is removed."""
    name = os.path.basename(path)
    with open_folder(os.path.dirname(path)) as place:
        try:
            os.mkdir(name, mode, dir_fd=place)
        except FileExistsError:
            if not stat.S_ISDIR(os.stat(name, dir_fd=place, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=place)
                os.mkdir(name, mode, dir_fd=place)
    with open_folder(path) as made:
        os.fchown(made, *owner)
        os.fchmod(made, mode)


def sync_directory(path):
    """Makes the names in `path` survive a power cut."""
    with open_folder(path) as handle:
        os.fsync(handle)


def write_json(path, value, durable=True, owner=None):
    write_atomically(path, (json.dumps(value) + '\n').encode(), owner=owner, durable=durable)


def read_json(path):
    """The object in `path`; empty when there is none or it is no JSON object."""
    try:
        with open_file(path) as file:
            value = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def hash_of(path):
    """The SHA-256 of a file, as hexadecimal digits."""
    with open_file(path) as file:
        return hash_stream(file)


def hash_stream(stream):
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def remove(path):
    """Removes the file, if there is one."""
    try:
        with open_folder(os.path.dirname(path)) as place:
            os.unlink(os.path.basename(path), dir_fd=place)
    except FileNotFoundError:
        pass
