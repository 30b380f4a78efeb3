"""When the next dump is due, whatever the clock does, and when one is to be looked at again."""

import calendar
import time

DAY, HOUR = 86400, 3600
# A clock that is put right moves by less; one that moved by more has jumped.
JUMP = 300
LONGEST = 26 * HOUR
# The longest between two tries: of a dump that failed, and of a look at a doubtful one. The first looks come soon: while
# the signer's new release starts, its node is away, and that is when the dump before it is tried out.
AT_LAST = 15 * 60
AGAIN = 30 * 60
# Makes no dump, and copies what is there.
COPY = 'copy'
OPEN = ('', 'chain-unreachable', 'not-verified', 'rotation-pending')


def why_due(at, now, last, quiet, key, dumped):
    """
    The reason for a dump, or nothing. `at` is hour and minute in UTC; `now` and `last` are seconds of the clock, `last` of the last
    dump, if any; `quiet` are the seconds since then that no clock can change, where this process saw it. `key` is the newest
    verified key of the database, `dumped` those of the newest dump.
    """
    if last is None:
        return 'first'
    if key is not None and key not in dumped:
        return 'new-key'
    if last > now + JUMP:
        return 'clock'
    if last < slot(at, now) or (quiet is not None and quiet >= LONGEST):
        return 'daily'
    return ''


class Tries:
    """
    What failed is tried again after `pause` seconds, then after twice as long each time, but `at_last` at most. Another reason,
    such as a new key, waits for nothing and begins anew. Times are those of a clock that only goes on.
    """

    def __init__(self, pause, at_last):
        self.pause, self.at_last, self.failures, self.failed, self.reason = pause, at_last, 0, 0, ''

    def waiting(self, now):
        return self.failures > 0 and now - self.failed < min(self.pause * 2 ** (min(self.failures, 16) - 1), self.at_last)

    def due(self, reason, now):
        return bool(reason) and not (self.waiting(now) and reason == self.reason)

    def ended(self, worked, reason, now):
        before = self.failures if reason == self.reason else 0
        self.failures, self.failed, self.reason = (0 if worked else before + 1), now, reason


def slot(at, now):
    """The last moment at which a daily dump was to begin."""
    hour, minute = map(int, at.split(':'))
    today = now - now % DAY + hour * HOUR + minute * 60
    return today if today <= now else today - DAY


def seconds(moment):
    """Of the clock, from a time such as 2026-01-31T03:17:00Z; None where it is none."""
    try:
        return calendar.timegm(time.strptime(moment, '%Y-%m-%dT%H:%M:%SZ'))
    except (TypeError, ValueError):
        return None
