"""When the next dump is due, whatever the clock does, and when one is to be looked at again."""

import calendar
import time

DAY, HOUR = 86400, 3600
# A clock that is put right moves by less; one that moved by more has jumped.
JUMP = 300
LONGEST = 26 * HOUR
AFTER_FAILURE, AGAIN = 15 * 60, 30 * 60
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
