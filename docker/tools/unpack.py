"""Unpacks an archive into the staging tree while its bytes come in; nobody looks there before they were found right."""

import fcntl
import os
import shutil
import subprocess
import tarfile
import threading

from entries import Entries
from layout import TREE
from tape import Damaged, Gunzip, Pipe, Tape
from trouble import Refused, Stuck, Trouble, full

# Small enough that what one program writes is still in the processor when the other reads it.
PIPE = 1 << 18
GOOD_FOR_NOTHING = 'set another SNAPSHOT_URL'


def method(head):
    """How the archive that begins with `head` is packed: 'zstd' or 'gzip'."""
    if head[:4] == b'\x28\xb5\x2f\xfd' or (head[1:4] == b'\x2a\x4d\x18' and head[0] >> 4 == 5):
        return 'zstd'
    if head[:2] == b'\x1f\x8b':
        return 'gzip'
    raise Stuck(f'the archive is compressed neither with zstd nor with gzip: {GOOD_FOR_NOTHING}')


class Tar(tarfile.TarFile):
    """A tar whose contents go to the disk in large pieces."""

    def makefile(self, member, path):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640)
        try:
            self.fileobj.seek(member.offset_data)
            if member.sparse is None:
                self.fileobj.copy(member.size, file)
            else:
                for offset, size in member.sparse:
                    os.lseek(file, offset, os.SEEK_SET)
                    self.fileobj.copy(size, file)
                os.ftruncate(file, member.size)
        finally:
            os.close(file)


class Unpacking:
    """
    A thread that unpacks what `feed` gives it. Damage does not stop the feeding: whether the archive came damaged or was
    made so is known only with its last byte. What is refused or does not fit ends it at once.
    """

    def __init__(self, network, head):
        self.entries = Entries(network)
        self.error = None
        self.process = None
        shutil.rmtree(TREE, ignore_errors=True)
        os.mkdir(TREE)
        if method(head) == 'zstd':
            # Archives made with a long window need the same one to be read.
            self.process = subprocess.Popen(['zstd', '-d', '-c', '-q', '--long=31'], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, bufsize=0, pipesize=PIPE)
            self.entrance, exit = os.dup(self.process.stdin.fileno()), os.dup(self.process.stdout.fileno())
            self.process.stdin.close()
            self.process.stdout.close()
            source = Pipe(exit)
        else:
            exit, self.entrance = os.pipe()
            fcntl.fcntl(self.entrance, fcntl.F_SETPIPE_SZ, PIPE)
            source = Gunzip(exit)
        self.exit = exit
        self.thread = threading.Thread(target=self.guard, args=[Tape(source)], daemon=True)
        self.thread.start()

    def feed(self, block):
        try:
            while block and self.error is None:
                block = block[os.write(self.entrance, block):]
        except BrokenPipeError:
            self.thread.join(10)
        if self.error is not None and not isinstance(self.error, (tarfile.TarError, Damaged)):
            raise self.error

    def finish(self):
        """Waits for the last byte to be unpacked. Returns the folder in TREE that holds the chain data."""
        self.shut()
        self.thread.join()
        if self.process and self.process.wait() < 0:
            raise Trouble('zstd was killed, perhaps for want of memory')
        if self.process and self.process.returncode != 0:
            self.error = self.error or Damaged(f'zstd ended with {self.process.returncode}')
        if isinstance(self.error, (tarfile.TarError, Damaged)):
            raise Refused(f'the archive is refused ({self.error}): {GOOD_FOR_NOTHING}')
        if self.error is not None:
            raise self.error
        return self.entries.root()

    def abandon(self):
        """Ends it, with nothing left but half a tree."""
        self.error = self.error or Damaged('abandoned')
        self.shut()
        if self.process:
            self.process.kill()
            self.process.wait()
        self.thread.join()
        shutil.rmtree(TREE, ignore_errors=True)

    def shut(self):
        entrance, self.entrance = self.entrance, None
        if entrance is not None:
            os.close(entrance)

    def guard(self, tape):
        try:
            self.extract(tape)
        except OSError as error:
            self.error = self.error or (
                Stuck('the disk ran full while unpacking: make room') if full(error) else error)
        except Exception as error:
            self.error = self.error or error
        finally:
            # Whoever still writes into the pipe gets an error instead of waiting for ever.
            os.close(self.exit)

    def extract(self, tape):
        with Tar(fileobj=tape, errorlevel=1) as tar:
            while member := tar.next():
                tar.members = []  # an archive has millions, and nobody asks for them again
                self.entries.check(member)
                tar.extract(member, TREE, filter='data')
        # A damaged header looks like the end to tarfile, but behind a real end there are only zeros.
        while rest := tape.some(PIPE):
            if bytes(rest).strip(b'\0'):
                raise Damaged('there is something behind its end')
