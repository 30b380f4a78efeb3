"""An archive's checksum, made in a thread of its own: neither fetching nor unpacking waits for it."""

import hashlib
import queue
import threading


class Digest:
    """The sha256 of views, in their order. The last `behind` that were given may still be read: they must stay as they are."""

    def __init__(self, behind):
        self.sha256 = hashlib.sha256()
        self.given, self.room = queue.SimpleQueue(), queue.SimpleQueue()
        for _ in range(behind):
            self.room.put(None)
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def update(self, view):
        """Returns when no more than `behind` are left to be read."""
        self.given.put(view)
        self.room.get()

    def work(self):
        while (view := self.given.get()) is not None:
            self.sha256.update(view)
            self.room.put(None)

    def end(self):
        """Reads what was given, and then no more. Returns the checksum in hexadecimal."""
        self.given.put(None)
        self.thread.join()
        return self.sha256.hexdigest()
