"""A look, four times a second, at how far it is and how much room is left."""

import threading

from report import Progress
from space import RESERVE, RESERVE_SHARE, free_inodes, free_space
from trouble import Stuck


class Watch:
    """A thread that tells how far it is, and ends it before the disk is full."""

    def __init__(self, store, fetch, archive, unpacking):
        self.store, self.fetch, self.archive, self.unpacking = store, fetch, archive, unpacking
        self.used, self.error = 0, None
        self.over = threading.Event()
        self.progress = Progress()
        self.phase(fetch is None)
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def phase(self, arrived):
        self.arrived = arrived
        phase = 'verifying and unpacking' if arrived else 'downloading'
        self.progress.begin(phase, self.used if arrived else self.store.segments.here, self.archive.size)

    def look(self):
        while not self.over.wait(0.25):
            try:
                if not self.arrived and self.store.segments.complete():
                    self.phase(True)
                done = self.used if self.arrived else self.store.segments.here
                self.progress.tick(done, self.fetch and not self.arrived and self.fetch.pace.trouble or None)
                if free_space() <= 0:
                    raise Stuck(f'the disk is nearly full, so it stops here, with {RESERVE >> 30} GiB or 2 % of it left: make room')
                inodes = free_inodes()
                if inodes is not None and inodes <= 0:
                    raise Stuck(f'the file system has nearly no inodes left, so it stops here, with {RESERVE_SHARE:.0%} of them left: make room for more files')
            except Exception as error:
                self.error = error
                self.unpacking.stop(error)
                if self.fetch:
                    self.store.segments.fail(error)
                return

    def raise_error(self):
        if self.error is not None:
            raise self.error

    def stop(self):
        self.over.set()
        self.thread.join()
