"""Where segments are kept until they are used: in a sparse file that a later start finds again, or in memory."""

import mmap
import os
import threading

from files import read_json, write_json
from layout import MAP, PART, PART_INFO
from part import boot
from segments import MISSING, SYNCED, WRITTEN, Segments, segment_size

SYNC_SECONDS = 10
# What the archive may take of the memory in a stream.
WINDOW = int(os.environ.get('SNAPSHOT_WINDOW_BYTES', 96 << 20))


class FileStore:
    """
    PART and, beside it, MAP with one byte for each of its segments. A process that is killed leaves both as they are in the
    kernel's hands; after a reboot only what was synced counts.
    """

    def __init__(self, archive, connections):
        segment = segment_size(archive.size)
        info = read_json(PART_INFO)
        self.file = os.open(PART, os.O_RDWR | os.O_CREAT, 0o640)
        os.ftruncate(self.file, archive.size)
        count = -(-archive.size // segment)
        with open(os.open(MAP, os.O_RDWR | os.O_CREAT, 0o640), 'r+b') as file:
            file.truncate(count)
            self.map = mmap.mmap(file.fileno(), count)
        if info.get('boot') != boot():
            self.forget_unsynced()
            write_json(PART_INFO, {**info, 'boot': boot()})
        self.segments = Segments(archive.size, segment, self.map, connections)
        self.position = 0
        self.writing = threading.Lock()
        self.closed = threading.Event()
        self.syncer = threading.Thread(target=self.sync_often, daemon=True)
        self.syncer.start()

    def forget_unsynced(self):
        states = self.map[:].replace(bytes([WRITTEN]), bytes([MISSING]))
        self.map[:] = states
        self.map.flush()

    def sync_often(self):
        while not self.closed.wait(SYNC_SECONDS):
            self.sync()

    def sync(self):
        # Only what was written before the sync began is safe after it.
        written = [index for index, state in enumerate(self.map[:]) if state == WRITTEN]
        if not written:
            return
        try:
            os.fdatasync(self.file)
        except OSError as error:
            self.segments.fail(error)
            return
        for index in written:
            self.map[index] = SYNCED
        self.map.flush()

    def mostly_synced(self):
        """True if a power cut now would leave most of the archive."""
        states = self.map[:]
        return 2 * states.count(SYNCED) > len(states)

    def buffer(self):
        return memoryview(bytearray(self.segments.segment))

    def put(self, index, buffer, length):
        """Keeps the segment. Returns a buffer for the next one."""
        position, start = 0, index * self.segments.segment
        # The kernel lets one write into a file at a time, and has the others wait for it with a busy processor.
        with self.writing:
            while position < length:
                position += os.pwrite(self.file, buffer[position:length], start + position)
        return buffer

    def readinto(self, view):
        """Waits for the archive's next bytes and fills `view` with some. Returns how many; none are left after 0."""
        if self.position == self.segments.size:
            return 0
        front = self.segments.wait_past(self.position)
        got = os.preadv(self.file, [view[:front - self.position]], self.position)
        if got == 0:
            raise OSError(5, 'the part is shorter than it was', PART)
        self.position += got
        return got

    def close(self):
        self.closed.set()
        self.syncer.join()
        os.close(self.file)


class MemoryStore:
    """A window of segments ahead of the one that is used next. Nothing is left of it when the process ends."""

    def __init__(self, archive, connections):
        segment = segment_size(archive.size)
        states = bytearray() if archive.size is None else bytearray(-(-archive.size // segment))
        self.segments = Segments(archive.size, segment, states, connections, window=max(1, WINDOW // segment))
        self.kept, self.spare = {}, []
        self.index, self.current, self.rest = 0, None, memoryview(b'')

    def buffer(self):
        return self.spare.pop() if self.spare else memoryview(bytearray(self.segments.segment))

    def put(self, index, buffer, length):
        if self.segments.states[index:index + 1] == bytes([WRITTEN]):
            return buffer  # another connection was faster
        self.segments.wait_room(index)
        self.kept[index] = (buffer, length)
        return self.buffer()

    def readinto(self, view):
        """As that of a FileStore."""
        if not self.rest:
            if self.segments.wait_past(self.index * self.segments.segment) <= self.index * self.segments.segment:
                return 0
            self.current, length = self.kept.pop(self.index)
            self.rest = self.current[:length]
        part, self.rest = self.rest[:len(view)], self.rest[len(view):]
        view[:len(part)] = part
        if not self.rest:
            self.spare.append(self.current)
            self.index += 1
            self.segments.use(self.index)
        return len(part)

    def mostly_synced(self):
        return False

    def close(self):
        self.kept.clear()


class LocalStore:
    """An archive that needs no fetching: a file, or a part that is complete."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDONLY)

    def readinto(self, view):
        return os.readv(self.file, [view])

    def mostly_synced(self):
        return True

    def close(self):
        os.close(self.file)
