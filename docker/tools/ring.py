"""
Blocks of bytes on their way to a child process, in memory that both see: nothing is copied, and the child cannot be more
than a few blocks behind. What has been given is read by both, and never written before the child has handed it back.
"""

import mmap
import os
import struct

# Small files are unpacked slowly and large ones fast; with room for both, neither side waits for long.
BLOCK, COUNT = 1 << 18, 64
LENGTH = struct.Struct('=i')
# In place of a length: what was given is all.
END = -1


class Giver:
    """The parent's side. `lengths` is a pipe to the child, over which it learns how much there is in the next block."""

    def __init__(self):
        self.memory = os.memfd_create('blocks')
        os.ftruncate(self.memory, BLOCK * COUNT)
        self.view = memoryview(mmap.mmap(self.memory, BLOCK * COUNT))
        self.lengths, self.given, self.returned = None, 0, 0

    def free(self):
        return self.given - self.returned < COUNT

    def block(self):
        """The next block to be filled; only while one is free."""
        start = self.given % COUNT * BLOCK
        return self.view[start:start + BLOCK]

    def give(self, length):
        self.given += 1
        os.write(self.lengths, LENGTH.pack(length))

    def pass_by(self):
        """The block is full, but the child is gone. As ever, the next one is another: who else reads this one may not be done."""
        self.given += 1

    def end(self):
        os.write(self.lengths, LENGTH.pack(END))

    def close(self):
        if self.memory is not None:
            os.close(self.memory)
            self.memory = None


class Taker:
    """The child's side: a file to be read from. `returned` is called for each block that is read to its end."""

    def __init__(self, memory, lengths, returned):
        self.view = memoryview(mmap.mmap(memory, BLOCK * COUNT))
        self.lengths, self.returned = lengths, returned
        self.taken, self.over = 0, False
        # How many bytes have come.
        self.received = 0
        self.rest = memoryview(b'')

    def some(self, limit):
        """At most `limit` bytes, as a view that is good until the next call; empty at the end."""
        if not self.rest and not self.over:
            if self.taken:
                self.returned()
            self.rest = self.next()
        part, self.rest = self.rest[:limit], self.rest[limit:]
        return part

    def next(self):
        message = os.read(self.lengths, LENGTH.size)
        if len(message) < LENGTH.size:
            os._exit(1)  # the parent is gone, and another may be at work in its place
        length, = LENGTH.unpack(message)
        if length == END:
            self.over = True
            return self.view[:0]
        start = self.taken % COUNT * BLOCK
        self.taken += 1
        self.received += length
        return self.view[start:start + length]
