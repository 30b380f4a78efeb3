"""What the operator sees: lines on stdout, and the one line that `snapshot.py --status` makes of the status file."""

import os
import time

from files import read_json, write_json
from layout import DATA, MARKER, STATUS
from printable import printable

INTERVAL = 10
MB, GB = 10**6, 10**9


def say(text):
    # Servers and archives have a part in almost every line.
    print(f'snapshot: {printable(text)}', flush=True)


class Progress:
    """Tells how far a phase is: to the status file each second or so, on stdout every ten. `total` may be None."""

    def __init__(self):
        self.phase, self.total, self.done = 'starting', None, 0
        self.rate, self.note = None, None
        self.said = self.noted = (0, time.monotonic())

    def begin(self, phase, done, total):
        self.phase, self.total, self.done, self.rate = phase, total, done, None
        self.said = self.noted = (done, time.monotonic())
        self.write()

    def tick(self, done, note=None):
        self.done, self.note, now = done, note, time.monotonic()
        if now - self.noted[1] >= 1:
            rate = (done - self.noted[0]) / (now - self.noted[1])
            self.rate = rate if self.rate is None else 0.9 * self.rate + 0.1 * rate
            self.noted = (done, now)
            self.write()
        if now - self.said[1] >= INTERVAL:
            rate = (done - self.said[0]) / (now - self.said[1])
            self.said = (done, now)
            say(self.line(rate))

    def left(self, rate):
        return (self.total - self.done) / rate if self.total and rate else None

    def write(self):
        write_json(STATUS, {'phase': self.phase, 'done': self.done, 'total': self.total, 'rate': self.rate,
                            'left': self.left(self.rate), 'note': self.note}, durable=False)

    def line(self, rate):
        note = f'; {self.note}' if self.note else ''
        speed = f'{rate / MB:.1f} MB/s'
        if not self.total:
            return f'{self.phase}, {self.done / MB:.0f} MB, {speed}{note}'
        left = f', {duration(self.left(rate))} left' if rate else ''
        return f'{self.phase} {100 * self.done // self.total} %, {self.done / MB:.0f} of {self.total / MB:.0f} MB, {speed}{left}{note}'


def waiting(reason, seconds):
    """Says and notes why nothing goes on, and when the next try is."""
    say(f'{reason}; next try in {duration(seconds)}')
    try:
        write_json(STATUS, {'phase': 'waiting', 'reason': reason, 'until': time.time() + seconds})
    except OSError:
        pass  # a full or read-only disk may be the very reason


def status_line():
    """One line for humans; never fails."""
    marker, status = read_json(MARKER), read_json(STATUS)
    if marker.get('source') == 'existing':
        return f'in place: chain data that was already there{refreshing(status)}'
    if marker:
        date = f', {marker["date"]}' if marker.get('date') else ''
        return f'in place: {shown(str(marker.get("source")))} (sha256 {marker.get("sha256")}{date}){refreshing(status)}'
    return activity(status)


def refreshing(status):
    """What there is to say of a refresh beside chain data that is in place."""
    kept = [name for name in sorted(os.listdir(DATA)) if '.old-' in name]
    old = f'; the chain data before it is kept as {", ".join(kept)}' if kept else ''
    return f'; refresh: {activity(status)}{old}' if status else old


def activity(status):
    phase = status.get('phase', 'starting')
    if phase == 'waiting':
        return f'waiting: {status.get("reason")}; next try in {duration(max(0, status.get("until", 0) - time.time()))}'
    done, total, left = status.get('done'), status.get('total'), status.get('left')
    if done is None:
        return phase
    if not total:
        return f'{phase} ({done / GB:.1f} GB so far)'
    speed = f', {status["rate"] / MB:.1f} MB/s' if status.get('rate') else ''
    soon = f', about {duration(left)} left' if left is not None else ''
    note = f'; {status["note"]}' if status.get('note') else ''
    return f'{phase} {100 * done // total} % ({done / GB:.1f} of {total / GB:.1f} GB){speed}{soon}{note}'


def duration(seconds):
    for unit, length in (('h', 3600), ('min', 60)):
        if seconds >= 1.5 * length:
            return f'{seconds / length:.0f} {unit}'
    return f'{seconds:.0f} s'


def shown(url):
    """The address without what may be a credential in it."""
    scheme, _, rest = url.partition('://')
    host, slash, path = rest.split('?')[0].partition('/')
    return f'{scheme}://{host.rpartition("@")[2]}{slash}{path}'
