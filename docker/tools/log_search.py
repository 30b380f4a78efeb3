"""Finds lines in the kept logs: a fixed string, or a regular expression, between two moments."""

import heapq
import re
from datetime import datetime, timezone

from log_days import parts, read, services
from log_lines import HEAD

MOMENT = re.compile(r'\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?)?)?)?')
AGO = re.compile(r'(\d{1,6})(s|m|min|h|d)')
SECONDS = {'s': 1, 'm': 60, 'min': 60, 'h': 3600, 'd': 86400}


class Unclear(Exception):
    """A question that cannot be asked so; the text says how to."""


def moment(text, now):
    """A stored time or the beginning of one: 2026-11-21, 2026-11-21T12:30, 90m (before `now`, seconds since 1970). Empty stays so."""
    text = text.strip()
    ago = AGO.fullmatch(text)
    if ago:
        at = max(0, now - int(ago[1]) * SECONDS[ago[2]])
        return datetime.fromtimestamp(at, timezone.utc).strftime('%Y-%m-%dT%H:%M:%S')
    text = re.sub(r'(?<=\d) (?=\d)', 'T', text).removesuffix('Z')
    if text and not MOMENT.fullmatch(text):
        raise Unclear(f'{text} is no time: write 2026-11-21, 2026-11-21T12:30 (UTC), or 90m, 6h, 2d for so long ago')
    return text


def matcher(fixed, pattern):
    """A function of a line's text (bytes). What is no UTF-8 is compared byte by byte."""
    if bool(fixed) == bool(pattern):
        raise Unclear('say what to look for: Q=TEXT, or R=REGULAR_EXPRESSION')
    if fixed:
        wanted = fixed.encode('utf-8', 'surrogateescape')
        return lambda text: wanted in text
    try:
        search = re.compile(pattern).search
    except (re.error, RecursionError, OverflowError) as error:
        raise Unclear(f'R is no regular expression: {error}') from None
    return lambda text: search(text.decode('utf-8', 'surrogateescape'))


def search(matches, since='', until='', service=''):
    """(service, line) of all that match, in the order of their times. `until` counts whole: a day to its end."""
    there = services()
    if service and service not in there:
        raise Unclear(f'no logs are kept of {service}; there are: {", ".join(there) or "none yet"}')
    chosen = [service] if service else there
    yield from heapq.merge(*(of_service(one, matches, since, until) for one in chosen), key=lambda found: found[1][:HEAD - 1])


def of_service(service, matches, since, until):
    for part in parts(service):
        if part.day < since[:10] or (until and part.day[:len(until)] > until[:10]):
            continue
        for line in lines_of(service, part):
            stamp = line[:HEAD - 1].decode()
            if stamp >= since and (not until or stamp[:len(until)] <= until) and matches(line[HEAD:]):
                yield service, line


def lines_of(service, part):
    """A day may be packed between being listed and being read."""
    try:
        yield from read(part)
    except FileNotFoundError:
        for again in parts(service):
            if (again.day, again.number) == (part.day, part.number):
                yield from read(again)
