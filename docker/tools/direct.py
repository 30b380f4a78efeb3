"""
Large files on their way to the disk past the page cache: nobody will read soon what is hundreds of gigabytes, no processor time goes
into copying it, and when the last byte is written there is little left to be made durable.
"""

import errno
import fcntl
import mmap
import os
import queue
import threading

# While one block is written, the next is filled. Two writes at a time into a file that grows would wait for each other.
BLOCK, BLOCKS = 4 << 20, 3
# What memory, place and length of such a write are multiples of, whatever the disk.
UNIT = 4096


class Direct:
    """Writes one file at a time, while its next bytes are unpacked."""

    def __init__(self):
        self.free, self.filled, self.error = queue.SimpleQueue(), queue.SimpleQueue(), None
        for _ in range(BLOCKS):
            self.free.put(memoryview(mmap.mmap(-1, BLOCK)))
        threading.Thread(target=self.work, daemon=True).start()

    def copy(self, fill, size, file):
        """`size` bytes into the new `file`, which `open_direct` has opened; `fill` fills the views that it is given in turn."""
        try:
            for place in range(0, size, BLOCK):
                if self.error:
                    break
                self.put(fill, min(BLOCK, size - place), file, place)
        finally:
            # Whoever closes the file must not have another written to under its number.
            for buffer in [self.free.get() for _ in range(BLOCKS)]:
                self.free.put(buffer)
        if self.error:
            raise self.error

    def put(self, fill, length, file, place):
        buffer = self.free.get()
        try:
            fill(buffer[:length])
        except BaseException:
            self.free.put(buffer)
            raise
        self.filled.put((file, buffer, length, place))

    def work(self):
        while True:
            file, buffer, length, place = self.filled.get()
            try:
                if not self.error:
                    write(file, buffer[:length], place)
            except OSError as error:
                self.error = error
            finally:
                self.free.put(buffer)


def open_direct(path, flags, mode):
    """The file, or None where the file system has no such way."""
    try:
        return os.open(path, flags | os.O_DIRECT, mode)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return None


def write(file, view, place):
    while view:
        whole = len(view) // UNIT * UNIT
        # The last bytes of a file are no whole unit: they go the usual way, as all do where the disk wants larger units.
        if not whole or place % UNIT:
            leave_direct(file)
        try:
            written = os.pwrite(file, view[:whole] or view, place)
        except OSError as error:
            if error.errno != errno.EINVAL or not leave_direct(file):
                raise
            continue
        view, place = view[written:], place + written


def leave_direct(file):
    """Whether that was still to be done."""
    flags = fcntl.fcntl(file, fcntl.F_GETFL)
    fcntl.fcntl(file, fcntl.F_SETFL, flags & ~os.O_DIRECT)
    return bool(flags & os.O_DIRECT)
