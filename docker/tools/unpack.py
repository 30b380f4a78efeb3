"""Unpacks an archive into the staging tree while its bytes come in; nobody looks there before they were found right."""

import json
import os
import shutil
import subprocess
import sys

from layout import TREE
from ring import Giver
from tape import Damaged
from trouble import Refused, Stuck, Unpackable, full

GOOD_FOR_NOTHING = 'set another SNAPSHOT_URL'


def method(head):
    """How the archive that begins with `head` is packed: 'zstd' or 'gzip'."""
    if head[:4] == b'\x28\xb5\x2f\xfd' or (head[1:4] == b'\x2a\x4d\x18' and head[0] >> 4 == 5):
        return 'zstd'
    if head[:2] == b'\x1f\x8b':
        return 'gzip'
    raise Stuck(f'the archive is compressed neither with zstd nor with gzip: {GOOD_FOR_NOTHING}')


class Unpacking:
    """
    The child process that unpacks, as its parent sees it. Blocks are filled and given in turn. Damage does not stop that:
    whether the archive came damaged or was made so is known only with its last byte. What is refused or does not fit ends
    it at once.
    """

    def __init__(self, network, head):
        self.root = self.error = None
        shutil.rmtree(TREE, ignore_errors=True)
        os.mkdir(TREE)
        self.ring = Giver()
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'extract.py')
        self.process = subprocess.Popen([sys.executable, script, network, method(head), str(os.getpid()), str(self.ring.memory)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[self.ring.memory])
        self.ring.lengths = self.process.stdin.fileno()

    def block(self):
        """Memory for the archive's next bytes, as soon as there is some."""
        while not self.over() and not self.ring.free():
            self.listen()
        self.raise_error()
        return self.ring.block()

    def give(self, length):
        """The next `length` bytes of the archive are in the block, which may still be read until all others have been filled."""
        if self.over():
            self.ring.pass_by()
        else:
            try:
                self.ring.give(length)
            except BrokenPipeError:
                self.hear_out()
        self.raise_error()

    def finish(self):
        """Waits for the last byte to be unpacked. Returns the folder in TREE that holds the chain data."""
        if not self.over():
            try:
                self.ring.end()
            except BrokenPipeError:
                pass
            self.hear_out()
        self.leave()
        if isinstance(self.error, Damaged):
            raise Refused(f'the archive is refused ({self.error}): {GOOD_FOR_NOTHING}')
        self.raise_error()
        return self.root

    def stop(self, error):
        """From another thread: whoever uses this gets `error`."""
        self.error = self.error or error
        self.process.kill()

    def abandon(self):
        """Ends it, with nothing left but half a tree."""
        self.error = self.error or Damaged('abandoned')
        self.leave()
        shutil.rmtree(TREE, ignore_errors=True)

    def over(self):
        return self.root is not None or self.error is not None

    def raise_error(self):
        if self.error is not None and not isinstance(self.error, Damaged):
            raise self.error

    def hear_out(self):
        while not self.over():
            self.listen()

    def listen(self):
        """One line of what the child says."""
        line = self.process.stdout.readline()
        if line == b'\n':
            self.ring.returned += 1
        elif line.endswith(b'\n'):
            told = json.loads(line)
            self.root, self.error = told.get('root'), self.error or meant(told)
        else:
            code = self.process.wait()
            self.error = self.error or (
                Unpackable('unpacking was killed, perhaps for want of memory') if code < 0 else OSError(0, f'unpacking ended with {code}', TREE))

    def leave(self):
        """Returns when nothing is written any more."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.ring.close()


def meant(told):
    """The error that the child describes; None if it has done its work."""
    kind, text = told.get('kind'), told.get('text')
    if kind == 'refused':
        return Refused(text)
    if kind == 'damaged':
        return Damaged(text)
    if kind == 'memory':
        return Unpackable('there is not enough memory for unpacking')
    if kind == 'system':
        error = OSError(told['number'], os.strerror(told['number']), told['file'])
        return Stuck('the disk ran full while unpacking: make room') if full(error) else error
    return Unpackable(f'unpacking failed: {text}') if kind else None
