"""Which parts of the archive are here, and which connection brings which of the rest."""

import threading
import time

MISSING, WRITTEN, SYNCED = 0, 1, 2
LONGEST_RUN = 64 << 20
# Left to one connection for less than this, a run is not worth another request.
SOON = 2.0


def segment_size(size):
    """1 MiB, or less so that a small archive still has enough of them to share out and to resume from."""
    segment = 1 << 20
    while segment > 16384 and size is not None and size < 256 * segment:
        segment >>= 1
    return segment


class Run:
    """Segments from `at` up to `end` (None: as many as come), on their way over one connection."""

    def __init__(self, first, end):
        self.first, self.at, self.end = first, first, end
        self.began = self.moved = time.monotonic()
        self.interrupt = lambda: None

    def seconds_left(self, now):
        if now - self.moved > SOON:
            return float('inf')
        # Until its first segment is here, a connection has shown how long its answer takes, and not how fast it is.
        if self.at <= self.first + 1:
            return 0
        return (self.end - self.at) * (now - self.began) / (self.at - self.first - 1)


class Segments:
    """
    `states` holds one of MISSING, WRITTEN, SYNCED for each segment of an archive of `size` bytes (None: unknown, then they
    come in order). With `window`, none is begun that lies so many segments or more ahead of the first not yet used.
    """

    def __init__(self, size, segment, states, connections, window=None):
        self.size, self.segment, self.states, self.window = size, segment, states, window
        self.count = None if size is None else -(-size // segment)
        share = LONGEST_RUN if size is None else size // (16 * connections)
        self.longest = max(1, min(LONGEST_RUN, max(share, 1 << 20)) // segment)
        if window:
            self.longest = max(1, min(self.longest, window // (connections + 2)))
        # A copy: bytes of a mapped file are not numbers one by one.
        known = bytes(states[:])
        self.taken = bytearray(known.translate(bytes([0] + [1] * 255)))
        self.runs, self.cursor, self.used, self.error = [], 0, 0, None
        self.here = sum(self.length(index) for index, one in enumerate(known) if one)
        self.prefix = 0
        lock = threading.Lock()
        # Who waits for bytes in front, and who waits for a run.
        self.changed, self.work = threading.Condition(lock), threading.Condition(lock)
        with lock:
            self.advance()

    def length(self, index):
        return self.segment if self.size is None else min(self.segment, self.size - index * self.segment)

    def front(self):
        """Bytes that are here from the beginning without a gap."""
        bytes_here = self.prefix * self.segment
        return bytes_here if self.size is None else min(self.size, bytes_here)

    def take(self):
        """The next run to bring, waiting for one; None when nothing is left, or it is over."""
        with self.changed:
            while self.error is None and not self.complete():
                run = self.free_run() or self.share_of_slow_run()
                if run:
                    self.runs.append(run)
                    return run
                self.work.wait(0.5)
        return None

    def wait_room(self, index):
        """Waits until segment `index` lies within the window, so that a server which sends the whole does not fill the memory."""
        with self.changed:
            while self.window and self.error is None and index >= self.used + self.window:
                self.work.wait(0.5)

    def complete(self):
        return self.count is not None and self.prefix == self.count

    def take_rest(self):
        """All from the first gap on, for a server that only sends the whole."""
        with self.changed:
            if self.error is not None or self.complete():
                return None
            run = Run(self.prefix, self.count)
            self.runs = [run]
            return run

    def free_run(self):
        limit = min(self.count, self.used + self.window) if self.window else self.count
        first = self.taken.find(0, self.cursor, limit)
        if first < 0:
            return None
        self.cursor = first
        end = self.taken.find(1, first, min(limit, first + self.longest))
        end = min(limit, first + self.longest) if end < 0 else end
        if end == limit < self.count and end - first < self.longest and self.runs:
            return None  # the window opens bit by bit, and a request for each would be too many
        self.taken[first:end] = b'\1' * (end - first)
        return Run(first, end)

    def share_of_slow_run(self):
        """The rear half of what the slowest connection has before it; the whole of a segment that does not come."""
        now = time.monotonic()
        slowest = max(self.runs, key=lambda run: run.seconds_left(now), default=None)
        if slowest is None or slowest.seconds_left(now) < SOON:
            return None
        end = slowest.end
        if end - slowest.at > 1:
            slowest.end = end - (end - slowest.at) // 2
            return Run(slowest.end, end)
        if now - slowest.moved < 2 * SOON:
            return None
        slowest.end = slowest.at
        slowest.interrupt()
        self.runs.remove(slowest)
        return Run(end - 1, end)

    def done(self, run):
        """The segment that `run` stands at is written. True if its next one is wanted from it too."""
        with self.changed:
            index, run.at, run.moved = run.at, run.at + 1, time.monotonic()
            if index == run.first:
                run.began = run.moved
            if self.count is None:
                self.states.append(MISSING)
            if self.states[index] == MISSING:
                self.states[index] = WRITTEN
                self.here += self.length(index)
                self.advance()
            return self.error is None and (run.end is None or run.at < run.end)

    def advance(self):
        before = self.prefix
        while self.prefix < len(self.states) and self.states[self.prefix]:
            self.prefix += 1
        if self.prefix != before:
            self.changed.notify_all()
        if self.complete():
            self.work.notify_all()

    def give_back(self, run):
        """What `run` has not brought is free again."""
        with self.changed:
            if run in self.runs:
                self.runs.remove(run)
                if run.end is not None and run.at < run.end:
                    self.taken[run.at:run.end] = bytes(run.end - run.at)
                    self.cursor = min(self.cursor, run.at)
            self.work.notify_all()

    def ends_at(self, size):
        """The size, now that a server which did not tell it has sent the last byte."""
        with self.changed:
            self.size, self.count, self.here = size, len(self.states), size
            self.changed.notify_all()
            self.work.notify_all()

    def use(self, index):
        """What lies before `index` is used up, so that the window moves on."""
        with self.changed:
            self.used = index
            if index % self.longest == 0:
                self.work.notify_all()

    def wait_past(self, position):
        """Waits until there is more than `position` bytes in front, or that is all. Returns how many."""
        with self.changed:
            while self.error is None and self.front() <= position and not self.complete():
                self.changed.wait()
            if self.error is not None:
                raise self.error
            return self.front()

    def fail(self, error):
        """Ends it for all: whoever waits gets `error`."""
        with self.changed:
            self.error = self.error or error
            runs, self.runs = self.runs, []
            self.changed.notify_all()
            self.work.notify_all()
        for run in runs:
            run.interrupt()
