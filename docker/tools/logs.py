"""
The kept logs, in the volume of docker/host/logs.sh and in no other place:
  logs.py positions DAYS                 from when each service must be read; services on stdin, one a line
  logs.py store NONCE DAYS               keep what stdin hands over (log_store.py says how), and let go what is older
  logs.py search SINCE UNTIL SERVICE     stdin: the word fixed or regex, and in the next line what to look for
  logs.py status DAYS [--json]
0 done; search: found   1 something could not be kept; search: nothing found   2 could not do it
"""

import fcntl
import json
import os
import sys
import time
from datetime import datetime, timedelta, timezone

from files import write_json
from layout import COLLECTED, LOGS
from log_days import SERVICE, pack, services
from log_gaps import forget
from log_lines import shown
from log_room import Full, expire, make_room, to_pack
from log_search import Unclear, matcher, moment, search
from log_status import overview, text
from log_store import Damaged, position, store


def now():
    return datetime.fromtimestamp(clock(), timezone.utc)


def clock():
    """Seconds since 1970; LOGS_NOW is for tests."""
    return int(os.environ.get('LOGS_NOW') or time.time())


def first_day(days):
    """The oldest day that is kept; with 7 days, today and the seven before it."""
    return (now().date() - timedelta(days=days)).isoformat()


def positions(days):
    for name in sys.stdin.read().split():
        if SERVICE.fullmatch(name):
            print(name, position(name, first_day(days)))
    return 0


def collect(nonce, days):
    with open(os.path.join(LOGS, '.lock'), 'wb') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print('logs-collect: another collection is under way', file=sys.stderr)
            return 1
        return collect_locked(nonce, days)


def collect_locked(nonce, days):
    gone, added, trouble, seen = expire(first_day(days)), 0, [], 0
    try:
        for one in store(sys.stdin.buffer, nonce, now().date(), first_day(days)):
            seen += 1
            added += one.added
            trouble += [f'{one.service}: {said}' for said in one.said[:3]]
            if one.gap:
                print(f'logs-collect: {one.service}: from {one.gap["from"]} to {one.gap["to"]} lines may be missing: {one.gap["why"]}', file=sys.stderr)
    except Full as full:
        trouble.append(f'the disk has no room for more logs: {full}')
    except (Damaged, OSError) as error:
        trouble.append(str(error))
    trouble += finish(first_day(days))
    try:
        write_json(COLLECTED, {'at': clock(), 'trouble': trouble})
    except OSError as error:
        trouble.append(str(error))
    for line in trouble:
        print(f'logs-collect: {shown(line.encode("utf-8", "replace"))}', file=sys.stderr)
    removed = f'; {count(len(gone), "file")} older than {count(days, "day")} removed' if gone else ''
    print(f'logs-collect: {count(added, "new line")} of {count(seen, "service")}{removed}')
    return 1 if trouble else 0


def count(number, what):
    return f'{number} {what}{"" if number == 1 else "s"}'


def finish(oldest):
    """Packs the days that are over. Returns what went wrong; the lines stay where they are then."""
    trouble = []
    try:
        for part in to_pack(now()):
            make_room(part.size // 4, now().date())
            if os.path.exists(part.path):
                pack(part)
        for service in services():
            forget(service, oldest)
    except Exception as error:  # whatever it is, what was collected is safe, and the next collection tries again
        trouble.append(f'a day could not be packed: {error}')
    return trouble


def find(since, until, service):
    kind, _, wanted = sys.stdin.buffer.read().decode('utf-8', 'surrogateescape').partition('\n')
    wanted = wanted.removesuffix('\n')
    try:
        matches = matcher(wanted if kind == 'fixed' else '', wanted if kind == 'regex' else '')
        found = search(matches, moment(since, clock()), moment(until, clock()), service)
        lines = 0
        for name, line in found:
            lines += 1
            print(f'{name} {shown(line)}')
    except Unclear as unclear:
        print(f'logs-search: {unclear}', file=sys.stderr)
        return 2
    if lines == 0:
        print('logs-search: nothing found', file=sys.stderr)
    return 0 if lines else 1


def main(arguments):
    verb, rest = arguments[0] if arguments else '', arguments[1:]
    if verb == 'positions' and len(rest) == 1:
        return positions(int(rest[0]))
    if verb == 'store' and len(rest) == 2:
        return collect(rest[0], int(rest[1]))
    if verb == 'search' and len(rest) == 3:
        return find(*rest)
    if verb == 'status' and rest:
        seen = overview(clock())
        print(json.dumps(seen, indent=2) if '--json' in rest else text(seen, rest[0]))
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == '__main__':
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
        sys.exit(code)
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
