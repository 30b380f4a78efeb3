"""Files that are either the old one or the new one, whatever happens in between."""

import hashlib
import json
import os
import tempfile


def write_atomically(path, content, mode=0o640, owner=None, durable=True):
    """Replaces `path` by `content` (bytes). Owner and mode are set before the file gets its name. `durable`: after a power cut too."""
    directory = os.path.dirname(path)
    descriptor, temporary = tempfile.mkstemp(prefix='.new-', dir=directory)
    try:
        with os.fdopen(descriptor, 'wb') as file:
            file.write(content)
            if owner is not None:
                os.fchown(descriptor, *owner)
            os.fchmod(descriptor, mode)
            file.flush()
            if durable:
                os.fsync(descriptor)
        os.rename(temporary, path)
    except BaseException:
        # It may be a signal's, come when the file had its name already: what is missing must not take its place.
        remove(temporary)
        raise
    if durable:
        sync_directory(directory)


def sync_directory(path):
    """Makes the names in `path` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path, value, durable=True):
    write_atomically(path, (json.dumps(value) + '\n').encode(), durable=durable)


def read_json(path):
    """The object in `path`; empty when there is none or it is no JSON object."""
    try:
        with open(path, encoding='utf-8') as file:
            value = json.load(file)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def hash_of(path):
    """The SHA-256 of a file, as hexadecimal digits."""
    with open(path, 'rb') as file:
        return hash_stream(file)


def hash_stream(stream):
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def remove(path):
    """Removes the file, if there is one."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
