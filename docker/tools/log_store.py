"""
Takes what docker/host/logs.sh hands over, and keeps what is new of it. The files themselves say how far it came: each
container is read again from OVERLAP seconds before its newest kept line, and what is there already is left out. So a
collection may be killed anywhere; the next one begins by cutting off half a line, and nothing is twice.
"""

import os
from collections import Counter

from files import sync_directory
from log_days import SERVICE, folder, mend, newest, open_part, recent
from log_gaps import ENDED, find_gap, record, remember
from log_lines import HEAD, before, lines, stored
from log_room import bound, make_room

# stdout and stderr are two streams, whose lines need not be in order; nor must a clock that was set back a little lose any.
OVERLAP = 60
CHUNK = 4 << 20


class Damaged(Exception):
    """The stream is not what logs.sh writes."""


class Gathered:
    """What became of one container's lines: how many are new, what Docker said besides, and what is missing."""

    def __init__(self, service):
        self.service, self.added, self.said, self.gap = service, 0, [], None


def position(service, oldest):
    """The time from which the service must be read; `oldest` is the first day that is kept at all."""
    last = newest(service)
    return max(before(last, OVERLAP) if last else '', f'{oldest}T00:00:00.000000000Z')


def store(stream, nonce, today, oldest):
    """
    Reads sections: "NONCE begin SERVICE ID STATE", the lines, "NONCE end CODE", and "NONCE done" after the last. Nothing
    that a container writes can end its section: the nonce is made anew for each collection. Yields a Gathered each. What is
    older than the day `oldest` is left out: it would be removed at once.
    """
    mark = f'{nonce} '.encode()
    source = lines(stream)
    for line, _ in source:
        words = line.decode('ascii', 'replace').split()
        if line == mark + b'done':
            return
        if not line.startswith(mark) or len(words) != 5 or words[1] != 'begin' or not SERVICE.fullmatch(words[2]):
            raise Damaged('the stream does not begin as it should')
        yield section(source, mark, *words[2:], today, oldest)
    raise Damaged('the stream ends early')


def section(source, mark, service, container, state, today, oldest):
    os.makedirs(folder(service), mode=0o700, exist_ok=True)
    mend(service)
    gathered, first, met = Gathered(service), None, False
    last = newest(service)
    since = position(service, oldest).encode()
    # By hash, for there may be a million in a minute; it is made anew for each process.
    there = Counter(map(hash, recent(service, since))) if last else Counter()
    writer = Writer(service, today)
    try:
        for line in content(source, mark, state, gathered):
            kept = stored(line)
            if kept is None:
                gathered.said.append(line.decode('utf-8', 'replace')[:200])
            elif there.get(hash(kept), 0) > 0:
                there[hash(kept)] -= 1
                met = True
            elif kept[:HEAD - 1] >= since:
                first = first or kept[:HEAD - 1]
                writer.add(kept)
                gathered.added += 1
    finally:
        writer.close()
    gathered.gap = find_gap(service, container, last if last and last[:10].decode() >= oldest else None, met, first)
    if gathered.gap:
        record(service, gathered.gap)
    remember(service, container, state)
    return gathered


def content(source, mark, state, gathered):
    """
    The lines of a section. logs.sh ends the line before its own; where the log had done that itself, an empty one stands
    there. Where it had not, the last line is a piece, and of a running program it is left for the next time.
    """
    waiting = b''
    for line, _ in source:
        if line.startswith(mark):
            words = line.decode('ascii', 'replace').split()
            if len(words) != 3 or words[1] != 'end':
                raise Damaged(f'the section of {gathered.service} does not end as it should')
            if waiting and state in ENDED:
                yield waiting
            if words[2] != '0':
                gathered.said.append(f'docker logs ended with {words[2]}')
            return
        if waiting:
            yield waiting
        waiting = line
    raise Damaged(f'the section of {gathered.service} ends early')


class Writer:
    """Adds lines to the files of their days, and looks for room before each few megabytes."""

    def __init__(self, service, today):
        self.service, self.today, self.day, self.file, self.left = service, today, None, None, 0

    def add(self, line):
        """Full when there is no room, OSError when the disk refuses: then what was added before stays."""
        if self.left <= len(line):
            # What is not on the disk yet is not counted, and a file that goes to make room must not be open.
            self.close()
            self.left = max(min(CHUNK, bound() // 8), len(line) + 1)
            make_room(self.left, self.today)
        self.left -= len(line) + 1
        day = line[:10].decode()
        if day != self.day:
            self.close()
            self.day, self.file = day, open_part(self.service, day)
        self.file.write(line + b'\n')

    def close(self):
        file, self.file, self.day = self.file, None, None
        if file is None:
            return
        try:
            file.flush()
            os.fsync(file.fileno())
        finally:
            file.close()
        sync_directory(folder(self.service))
