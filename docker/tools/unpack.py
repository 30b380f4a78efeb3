"""Unpacks a verified archive beside the chain data, and refuses whatever should not be in one."""

import errno
import os
import posixpath
import re
import shutil
import subprocess
import tarfile

from files import write_json
from layout import PART, TREE, UNPACKED
from report import GB, Progress, say
from source import Stuck

# What a stacks-node takes for its chain data; half of it makes the node panic.
REQUIRED = ('burnchain/sortition/marf.sqlite', 'chainstate/vm/index.sqlite')
FOLDERS = ('chainstate', 'burnchain')
TOP_FILE = re.compile(r'[A-Za-z0-9_]+\.(sqlite(-wal|-shm|-journal)?|toml|json|txt)')


def unpack(network, info):
    """Unpacks PART into TREE, makes it durable, and notes in UNPACKED where in TREE the chain data lies."""
    shutil.rmtree(TREE, ignore_errors=True)
    os.mkdir(TREE)
    say('unpacking')
    try:
        named = extract(network, info['size'])
        root = os.path.join(TREE, network) if named else TREE
        absent = [one for one in REQUIRED if not os.path.isfile(os.path.join(root, one))]
        if absent:
            raise Stuck(f'the archive lacks {" and ".join(absent)}, so it holds no whole chainstate: set another SNAPSHOT_URL')
        say('writing everything to the disk')
        # A file at a time would take hours; this waits for the whole file system of the volume.
        subprocess.run(['sync', '-f', TREE], check=True)
    except Stuck:
        shutil.rmtree(TREE, ignore_errors=True)
        raise
    except tarfile.TarError as error:
        shutil.rmtree(TREE, ignore_errors=True)
        raise Stuck(f'the archive is refused ({error}): set another SNAPSHOT_URL') from None
    except OSError as error:
        shutil.rmtree(TREE, ignore_errors=True)
        if error.errno != errno.ENOSPC:
            raise
        raise Stuck(f'the disk ran full while unpacking an archive of {info["size"] / GB:.1f} GB: make room') from None
    write_json(UNPACKED, {'root': root, 'source': info['url'], 'sha256': info['sha256'], 'size': info['size']})


def extract(network, size):
    """True if the archive's top is the network's directory, False if it is what is in that directory."""
    # Unbuffered, so that the unpacker inherits the position, and moves it for us to see how far it is.
    with open(PART, 'rb', buffering=0) as part:
        progress = Progress('unpacking', 0, size)
        with subprocess.Popen(unpacker(part), stdin=part, stdout=subprocess.PIPE) as process:
            watched = Watched(process.stdout, lambda: progress.tick(os.lseek(part.fileno(), 0, os.SEEK_CUR)))
            try:
                named = extract_stream(watched, network)
            except BaseException:
                process.kill()
                raise
    if process.returncode != 0:
            raise Stuck(f'the archive cannot be decompressed ({process.args[0]} ended with {process.returncode})')
    if named is None:
        raise Stuck('the archive is empty: set another SNAPSHOT_URL')
    return named


class Watched:
    """A stream that tells of every read: one file may be hundreds of gigabytes."""

    def __init__(self, stream, tick):
        self.stream, self.tick = stream, tick

    def read(self, size):
        self.tick()
        return self.stream.read(size)


def unpacker(part):
    magic = part.read(4)
    part.seek(0)
    if magic == b'\x28\xb5\x2f\xfd' or (magic[1:] == b'\x2a\x4d\x18' and magic[0] >> 4 == 5):
        # Archives made with a long window need the same one to be read.
        return ['zstd', '-d', '-c', '-q', '--long=31']
    if magic[:2] == b'\x1f\x8b':
        return ['gzip', '-d', '-c']
    raise Stuck('the archive is compressed neither with zstd nor with gzip: set another SNAPSHOT_URL')


def extract_stream(stream, network):
    named = None
    with tarfile.open(fileobj=stream, mode='r|', bufsize=1 << 20, copybufsize=1 << 20, errorlevel=1) as tar:
        while member := tar.next():
            tar.members = []  # an archive has millions, and nobody asks for them again
            parts = parts_of(member.name)
            if parts:
                top = parts[0] == network
                named = top if named is None else named
                check_top(parts, member, network, named)
            tar.extract(member, TREE, filter='data')
        # A damaged header looks like the end to tarfile, but behind a real end there are only zeros.
        while rest := tar.fileobj.read(1 << 20):
            if rest.strip(b'\0'):
                raise Stuck('the archive is damaged: there is something behind its end')
    return named


def parts_of(name):
    """The name's parts without `.`; absolute names and `..` are refused, though the filter would bend some of them."""
    parts = [part for part in name.split('/') if part not in ('', '.')]
    if posixpath.isabs(name) or '..' in parts:
        raise Stuck(f'the archive is refused: {name!r} would leave its directory; set another SNAPSHOT_URL')
    return parts


def check_top(parts, member, network, named):
    if named:
        fits = parts[0] == network and (len(parts) > 1 or member.isdir())
    else:
        fits = parts[0] in FOLDERS and (len(parts) > 1 or member.isdir())
        fits = fits or (len(parts) == 1 and member.isfile() and TOP_FILE.fullmatch(parts[0]) is not None)
    if not fits:
        raise Stuck(f'the archive is refused: {"/".join(parts[:2])!r} is neither in {network}/ nor in chainstate/ or burnchain/; '
                    'set another SNAPSHOT_URL')
