"""
The child process that unpacks an archive into the staging tree: extract.py NETWORK METHOD PARENT MEMORY

What Unpacking gives it comes over the ring in MEMORY. On stdout it writes an empty line for each block that may be filled
again, and in the end one line of JSON: the folder that holds the chain data, or what is wrong and of which kind that is.
"""

import ctypes
import errno
import json
import os
import signal
import sys
import tarfile
from contextlib import contextmanager

from direct import Direct, open_direct
from entries import Entries, named
from layout import TREE
from ring import Taker
from tape import BLOCK, HEADERS, Damaged, Gunzip, Tape
from trouble import Refused, refused

PR_SET_PDEATHSIG = 1


# What is wrong with an entry, and not with the disk: no second try mends it.
OF_THE_NAME = (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EEXIST, errno.EFBIG, errno.EINVAL, errno.EILSEQ)

# From here on a file goes past the page cache; smaller ones are faster through it.
LARGE = 4 << 20


class Tar(tarfile.TarFile):
    """A tar whose contents go to the disk in large pieces."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.direct = Direct()

    def makefile(self, member, path):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        file = open_direct(path, flags, 0o640) if member.sparse is None and member.size >= LARGE else None
        past_the_cache = file is not None
        if file is None:
            file = os.open(path, flags, 0o640)
        try:
            self.fileobj.seek(member.offset_data)
            if past_the_cache:
                self.direct.copy(self.fileobj.fill, member.size, file)
            elif member.sparse is None:
                self.fileobj.copy(member.size, file)
            else:
                for offset, size in member.sparse:
                    os.lseek(file, offset, os.SEEK_SET)
                    self.fileobj.copy(size, file)
                os.ftruncate(file, member.size)
        finally:
            os.close(file)


class Wall:
    """
    tarfile's `data` filter, behind what Entries refuses. It resolves all folders above a file, which takes longer than to write a small one, and
    finds nothing new in a tree without links: there the name alone says where a file goes.
    """

    def __init__(self):
        self.links = False

    def __call__(self, member, tree):
        self.links = self.links or not (member.isreg() or member.isdir())
        if self.links or not member.isreg() or not os.path.normpath(os.path.join(tree, member.name)).startswith(tree + os.sep):
            return tarfile.data_filter(member, tree)
        # All else that the filter looks at and changes, as of a file without folders.
        return tarfile.data_filter(member.replace(name='file', deep=False), os.sep).replace(name=member.name, deep=False)


def main(network, method, parent, memory):
    die_with(int(parent))
    be_killed_first()
    # Whoever stops the parent at a terminal means it, and it says so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source = Taker(int(memory), sys.stdin.fileno(), lambda: os.write(sys.stdout.fileno(), b'\n'))
    try:
        told = {'root': extract(network, source, opened(method, source))}
    except BaseException as error:  # whatever it is, the parent has to know
        told = described(error)
    os.write(sys.stdout.fileno(), json.dumps(told).encode() + b'\n')


def die_with(parent):
    """A child that lived on would write into the tree of the next start."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def be_killed_first():
    """Where memory runs out, this process ends and its parent can tell why."""
    with open('/proc/self/oom_score_adj', 'w', encoding='ascii') as file:
        file.write('1000')


def opened(method, source):
    if method == 'gzip':
        return Gunzip(source)
    from zstd import Unzstd
    return Unzstd(source)


def extract(network, source, unpacked):
    """Returns the folder in TREE that holds the chain data."""
    entries, wall, tape = Entries(network), Wall(), Tape(unpacked)
    with made_up_headers():
        tar = Tar(fileobj=tape, errorlevel=1)
    with tar:
        while member := next_entry(tar, tape):
            entries.check(member, source.received)
            put_in_place(tar, member, wall)
    # A damaged header looks like the end to tarfile, but behind a real end there are only zeros.
    while rest := tape.some(BLOCK):
        if bytes(rest).strip(b'\0'):
            raise Damaged('there is something behind its end')
    return entries.root()


def next_entry(tar, tape):
    """The archive's next entry; None at its end."""
    tape.next_entry()
    with made_up_headers():
        member = tar.next()
    tar.members = []  # an archive has millions, and nobody asks for them again
    if sum(len(key) + len(value) for key, value in tar.pax_headers.items()) > HEADERS:
        raise refused(f'its global headers have more than {HEADERS >> 10} KiB')
    return member


@contextmanager
def made_up_headers():
    """Numbers that are none and headers without end are errors of many kinds to tarfile."""
    try:
        yield
    except (OSError, MemoryError, tarfile.TarError, Damaged, Refused):
        raise
    except Exception as error:
        raise Damaged(f'a header cannot be read: {type(error).__name__}') from None


def put_in_place(tar, member, wall):
    try:
        tar.extract(member, TREE, filter=wall)
    except OSError as error:
        if error.errno not in OF_THE_NAME:
            raise
        raise refused(f'{named(member)} cannot be made: {error.strerror}') from None
    except (OverflowError, ValueError) as error:
        raise refused(f'{named(member)} cannot be made: {error}') from None


def described(error):
    """What the parent makes the same error of."""
    if isinstance(error, Refused):
        return {'kind': 'refused', 'text': str(error)}
    if isinstance(error, (tarfile.TarError, Damaged)):
        return {'kind': 'damaged', 'text': str(error)}
    if isinstance(error, MemoryError):
        return {'kind': 'memory'}
    if isinstance(error, OSError) and error.errno:
        return {'kind': 'system', 'number': error.errno, 'file': error.filename and str(error.filename)}
    return {'kind': 'bug', 'text': f'{type(error).__name__}: {error}'}


if __name__ == '__main__':
    main(*sys.argv[1:])
