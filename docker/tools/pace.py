"""How many connections there are at a time, and how long they rest after a failure."""

import re
import threading
import time

from report import duration, say

LONGEST_REST = 60
# Without a failure for so long, a server that was too busy is given one connection more.
CALM = 30
SAY_AGAIN = 10


class Pace:
    def __init__(self, connections, patience):
        self.connections, self.patience = connections, patience
        self.allowed = connections
        self.rest_until = [0.0] * connections
        self.failures = [0] * connections
        self.all_rest_until = self.calm_since = 0.0
        self.said, self.said_at = None, 0.0
        self.stopped = False
        self.trouble = None
        self.changed = threading.Condition()

    def ready(self, number):
        """Waits until the connection may go on. False when all is over."""
        with self.changed:
            while not self.stopped:
                now = time.monotonic()
                if number < self.allowed:
                    rest = max(self.rest_until[number], self.all_rest_until) - now
                    if rest <= 0:
                        return True
                    self.changed.wait(min(rest, 1))
                else:
                    self.changed.wait(1)
        return False

    def went_well(self):
        with self.changed:
            self.trouble = None
            now = time.monotonic()
            if self.allowed < self.connections and now - self.calm_since > CALM:
                self.allowed, self.calm_since = self.allowed + 1, now
                self.changed.notify_all()

    def failed(self, number, error, progress):
        """
        After an answer like "too many requests" all rest and half of them stay; after any other failure only the one that
        failed rests. The longer it lasts without a byte, the longer the rest.
        """
        with self.changed:
            now = time.monotonic()
            self.failures[number] = 1 if progress else self.failures[number] + 1
            rest = min(2 ** (self.failures[number] - 1), LONGEST_REST, self.patience)
            if error.__class__.__name__ == 'Stuck':
                rest = self.patience
            if getattr(error, 'after', None) is not None:
                rest = max(rest, error.after)
            if getattr(error, 'crowded', False):
                # Answers to requests that were under way together count once.
                if now >= self.all_rest_until:
                    self.allowed = max(1, self.allowed // 2)
                self.all_rest_until = max(self.all_rest_until, now + rest)
            self.rest_until[number] = now + rest
            self.calm_since = now
            self.trouble = str(error)
            kind = re.sub(r'\d+', '', self.trouble)
            if self.said != kind or now - self.said_at >= SAY_AGAIN:
                self.said, self.said_at = kind, now
                many = f' with {self.allowed} of {self.connections} connections' if self.allowed < self.connections else ''
                say(f'{error}; next try in {duration(rest)}{many}')

    def stop(self):
        with self.changed:
            self.stopped = True
            self.changed.notify_all()
