"""The archive on disk: fetched with resume, then verified as a whole."""

import hashlib
import os

import source
from files import read_json, remove, write_json
from layout import DATA, PART, PART_INFO
from report import GB, Progress, say, shown
from source import Stuck, Trouble

# Chain data shrinks to between a half and a third; nobody publishes the unpacked size.
UNPACKED_RATIO = float(os.environ.get('SNAPSHOT_UNPACKED_RATIO', '2.5'))


def download(url, pinned):
    """
    Brings the whole archive to PART and returns what is known of it: url, version, size, sha256. `pinned` is the checksum
    that the operator gave, or None: then the published one counts.
    """
    info = known(url)
    if pinned and info:
        info['sha256'] = pinned
    if info and part_size() == info.get('size'):
        return info
    published = pinned or source.checksum(url)
    have = part_size() if info else 0
    with source.open_source(url, have, info.get('version')) as archive:
        if archive.start == 0:
            if have:
                say(f'starting from zero: the archive has changed, or the server cannot resume at {have} bytes')
            remove(PART)
            info = {'url': url, 'version': archive.version, 'size': archive.size, 'sha256': published}
            write_json(PART_INFO, info)
        elif info.get('size') not in (None, archive.size):
            forget()
            raise Trouble(f'the archive has changed its size from {info["size"]} to {archive.size} bytes')
        else:
            say(f'resuming at {have / GB:.2f} of {archive.size / GB:.2f} GB')
        check_space(archive.start, archive.size)
        done = receive(archive)
    if archive.size is not None and done != archive.size:
        raise Trouble(f'the connection ended early, at {done} of {archive.size} bytes')
    info = {**info, 'size': done}
    write_json(PART_INFO, info)
    return info


def receive(archive):
    say(f'downloading {"" if archive.size is None else f"{archive.size / GB:.2f} GB"}'.rstrip())
    done = archive.start
    progress = Progress('downloading', done, archive.size)
    with open(PART, 'ab') as part:
        while block := archive.read():
            part.write(block)
            done += len(block)
            progress.tick(done)
        part.flush()
        os.fsync(part.fileno())
    return done


def check_space(have, size):
    """Refuses what cannot fit: the rest of the archive, and beside it what is in it."""
    if size is None:
        say('the server does not tell the size of the archive, so nothing says whether it fits')
        return
    unpacked = UNPACKED_RATIO * size
    needed = size - have + unpacked
    found = os.statvfs(DATA)
    free = found.f_bavail * found.f_frsize
    if free < needed:
        raise Stuck(
            f'not enough space: the archive has {size / GB:.1f} GB ({have / GB:.1f} GB of it are here) and unpacks to about '
            f'{unpacked / GB:.1f} GB, so {needed / GB:.1f} GB are needed and {free / GB:.1f} GB are free; make room '
            f'(SNAPSHOT_UNPACKED_RATIO={UNPACKED_RATIO:g} is what the estimate rests on)')


def verify(info, pinned):
    """Reads the whole archive. Returns its SHA-256 if it is the expected one; else deletes it and is Stuck."""
    digest = hashlib.sha256()
    progress = Progress('verifying', 0, info['size'])
    say('verifying')
    with open(PART, 'rb', buffering=0) as part:
        while block := part.read(1 << 20):
            digest.update(block)
            progress.tick(part.tell())
    found, expected = digest.hexdigest(), info['sha256']
    if found != expected and not pinned:
        # The archive may have been replaced between the answers for its checksum and for itself.
        expected = source.checksum(info['url'])
    if found != expected:
        forget()
        raise Stuck(f'the archive is not what {"SNAPSHOT_SHA256" if pinned else "its publisher"} says: sha256 {found}, '
                    f'expected {expected}; it was deleted')
    say(f'verified: sha256 {found}')
    return found


def known(url):
    """What is remembered of the part; nothing, and no part, if it belongs to another address or is unexplained."""
    info = read_json(PART_INFO)
    if info.get('url') == url and os.path.exists(PART):
        return info
    if info.get('url') not in (None, url):
        say(f'dropping what was fetched from {shown(info["url"])}')
    forget()
    return {}


def forget():
    remove(PART)
    remove(PART_INFO)


def part_size():
    return os.stat(PART).st_size if os.path.exists(PART) else 0
