"""What the operator sees: lines on stdout, and the one line that `snapshot.py --status` makes of the status file."""

import time

from files import read_json, write_json
from layout import MARKER, STATUS

INTERVAL = 10
MB, GB = 10**6, 10**9


def say(text):
    print(f'snapshot: {text}', flush=True)


class Progress:
    """Tells how far a phase is: at once, then every ten seconds. `total` may be None."""

    def __init__(self, phase, done, total):
        self.phase, self.total = phase, total
        self.rate = None
        self.last_done, self.last_time = done, time.monotonic()
        self.status(done)

    def tick(self, done):
        now = time.monotonic()
        if now - self.last_time < INTERVAL:
            return
        rate = (done - self.last_done) / (now - self.last_time)
        self.rate = rate if self.rate is None else 0.7 * self.rate + 0.3 * rate
        self.last_done, self.last_time = done, now
        self.status(done)
        say(self.line(done))

    def status(self, done):
        left = (self.total - done) / self.rate if self.total and self.rate else None
        write_json(STATUS, {'phase': self.phase, 'done': done, 'total': self.total, 'left': left})

    def line(self, done):
        speed = f'{self.rate / MB:.1f} MB/s'
        if not self.total:
            return f'{self.phase}, {done / MB:.0f} MB, {speed}'
        left = f', {duration((self.total - done) / self.rate)} left' if self.rate else ''
        return f'{self.phase} {100 * done // self.total} %, {done / MB:.0f} of {self.total / MB:.0f} MB, {speed}{left}'


def waiting(reason, seconds):
    """Says and notes why nothing goes on, and when the next try is."""
    say(f'{reason}; next try in {duration(seconds)}')
    try:
        write_json(STATUS, {'phase': 'waiting', 'reason': reason, 'until': time.time() + seconds})
    except OSError:
        pass  # a full or read-only disk may be the very reason


def status_line():
    """One line for humans; never fails."""
    marker = read_json(MARKER)
    if marker.get('source') == 'existing':
        return 'in place: chain data that was already there'
    if marker:
        return f'in place: {shown(str(marker.get("source")))} (sha256 {marker.get("sha256")})'
    status = read_json(STATUS)
    phase = status.get('phase', 'starting')
    if phase == 'waiting':
        return f'waiting: {status.get("reason")}; next try in {duration(max(0, status.get("until", 0) - time.time()))}'
    done, total, left = status.get('done'), status.get('total'), status.get('left')
    if done is None:
        return phase
    if not total:
        return f'{phase} ({done / GB:.1f} GB so far)'
    soon = f', about {duration(left)} left' if left is not None else ''
    return f'{phase} {100 * done // total} % ({done / GB:.1f} of {total / GB:.1f} GB){soon}'


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
