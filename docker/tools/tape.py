"""A tar as a stream that only goes forward, out of what unpacks it on the way."""

import os
import tarfile
import zlib

from trouble import refused

BLOCK = 1 << 18
# Of what is packed, at a time: the rest of it is copied for each block that comes out.
PIECE = 1 << 16
AHEAD = 16 << 20
# The headers of one entry, of which a long name, pax records and the map of a sparse file are parts. Their sizes stand in the
# archive, and tarfile reads each of them into memory. Linux takes names of 4096 bytes.
HEADERS = 64 << 10


class Damaged(Exception):
    """The bytes are no whole archive. Whether they came so, their checksum tells."""


class Tape:
    """What tarfile reads from. `seek` goes forward alone, which is all that it asks for when members are taken in order."""

    def __init__(self, source):
        self.source = source
        self.rest, self.position = memoryview(b''), 0
        self.view = memoryview(bytearray(BLOCK))
        self.headers = 0

    def tell(self):
        return self.position

    def some(self, limit):
        """At most `limit` bytes, as a view that is good until the next call; empty at the end."""
        if not self.rest:
            self.rest = self.view[:self.source.readinto(self.view)]
        taken, self.rest = self.rest[:limit], self.rest[limit:]
        self.position += len(taken)
        return taken

    def next_entry(self):
        self.headers = 0

    def read(self, size):
        """Bytes of headers; the contents of files come by `fill` and `copy`."""
        self.headers += max(0, size)
        if self.headers > HEADERS:
            raise refused(f'the headers of one entry have more than {HEADERS >> 10} KiB')
        whole = bytearray()
        while len(whole) < size and (part := self.some(size - len(whole))):
            whole += part
        return bytes(whole)

    def fill(self, view):
        """All of `view` with what comes next, of which nothing is copied that is not here already."""
        while view:
            if self.rest:
                part = self.some(len(view))
                view[:len(part)], got = part, len(part)
            else:
                got = self.source.readinto(view)
                self.position += got
            if not got:
                raise tarfile.ReadError('unexpected end of data')
            view = view[got:]

    def seek(self, position):
        if position < self.position:
            raise Damaged('the archive wants to go back')
        while self.position < position and self.some(position - self.position):
            pass

    def copy(self, size, file):
        """
        The next `size` bytes into an open file. The disk is kept busy from the start, so that making all durable at the end
        does not take as long again; what is on the disk leaves the memory to the part that is read and written next.
        """
        begun = written = os.lseek(file, 0, os.SEEK_CUR)
        while size:
            if written - begun >= AHEAD:
                os.posix_fadvise(file, max(0, begun - AHEAD), written - begun + AHEAD, os.POSIX_FADV_DONTNEED)
                begun = written
            part = self.some(size)
            if not part:
                raise tarfile.ReadError('unexpected end of data')
            size -= len(part)
            written += len(part)
            while part:
                part = part[os.write(file, part):]


class Gunzip:
    """What is in `source`, one member or several. Faster than gzip in a process of its own."""

    def __init__(self, source):
        self.source, self.left, self.over = source, b'', False
        self.member = zlib.decompressobj(31)

    def readinto(self, view):
        """Fills a part of `view`, and nothing at the end. Returns how much that is."""
        while True:
            if not self.left and not self.over:
                self.left = bytes(self.source.some(PIECE))
                self.over = not self.left
            if self.member.eof:
                self.left = self.left.lstrip(b'\0')
                if not self.left and self.over:
                    return 0
                if not self.left:
                    continue
                self.member = zlib.decompressobj(31)
            try:
                part = self.member.decompress(self.left, len(view))
            except zlib.error as error:
                raise Damaged(f'gzip: {error}') from None
            self.left = self.member.unused_data if self.member.eof else self.member.unconsumed_tail
            if part:
                view[:len(part)] = part
                return len(part)
            if self.over and not self.member.eof:
                raise Damaged('gzip: unexpected end of data')
