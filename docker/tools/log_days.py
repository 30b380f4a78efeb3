"""
The kept logs: a folder for each service, in it a file for each UTC day. DAY.log is being written, DAY.log.zst is a day that
is over. Lines that come after their day was packed stand in DAY.2.log, DAY.3.log, and so on.
"""

import os
import re
import subprocess
from dataclasses import dataclass

from files import sync_directory
from layout import LOGS
from log_lines import HEAD, STORED

NAME = re.compile(r'(\d{4}-\d\d-\d\d)(?:\.([1-9]\d{0,5}))?\.log(\.zst)?')
SERVICE = re.compile(r'[a-z0-9][a-z0-9_.-]{0,62}')
BLOCK = 1 << 20


@dataclass(frozen=True, order=True)
class Part:
    """One file; in order of day and number."""
    day: str
    number: int
    packed: bool
    path: str

    @property
    def size(self):
        """Bytes on the disk; none once it is gone."""
        try:
            return os.stat(self.path).st_size
        except FileNotFoundError:
            return 0


def services():
    return sorted(name for name in os.listdir(LOGS) if SERVICE.fullmatch(name) and os.path.isdir(os.path.join(LOGS, name)))


def folder(service):
    return os.path.join(LOGS, service)


def parts(service):
    """The service's files, oldest first. Where a day stands packed and not, packing was cut short after its last but one step."""
    found = {}
    try:
        names = os.listdir(folder(service))
    except FileNotFoundError:
        return []
    for name in names:
        match = NAME.fullmatch(name)
        if match:
            part = Part(match[1], int(match[2] or 1), bool(match[3]), os.path.join(folder(service), name))
            if part.packed or (part.day, part.number) not in found:
                found[part.day, part.number] = part
    return sorted(found.values())


def read(part):
    """The lines of a part, without their ends; a last line that was cut short is left out."""
    if not part.packed:
        with open(part.path, 'rb') as file:
            yield from whole(file)
        return
    with subprocess.Popen(['zstd', '-q', '-d', '-c', '--', part.path], stdout=subprocess.PIPE) as unpack:
        yield from whole(unpack.stdout)
        unpack.stdout.close()


def whole(file):
    return (line[:-1] for line in file if line.endswith(b'\n') and STORED.match(line))


def recent(service, since):
    """The stored lines not before `since`, a stored time as bytes; newest part first, each in its own order."""
    for part in reversed(parts(service)):
        if part.day < since[:10].decode():
            return
        yield from (line for line in (tail(part.path, since) if not part.packed else read(part)) if line[:HEAD - 1] >= since)


def tail(path, since):
    """Lines from the end of a file that is nearly in order: back to a block that begins before `since`."""
    with open(path, 'rb') as file:
        at = file.seek(0, os.SEEK_END)
        while at > 0:
            at = max(0, at - BLOCK)
            file.seek(at)
            if at > 0:
                file.readline()
            first = next((line for line in file if STORED.match(line)), None)
            if first is not None and first[:HEAD - 1] < since:
                break
        file.seek(at)
        if at > 0:
            file.readline()
        yield from whole(file)


def newest(service):
    """The time of the newest line, as bytes; None where there is none."""
    for part in reversed(parts(service)):
        if part.packed:
            last = max((line[:HEAD - 1] for line in read(part)), default=None)
        else:
            # The end alone: a day may be large.
            with open(part.path, 'rb') as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - (BLOCK << 5)))
                last = max((line[:HEAD - 1] for line in whole(file)), default=None)
        if last is not None:
            return last
    return None


def mend(service):
    """Cuts off what a killed collection or a power cut has left behind the last whole line, and half-packed files."""
    for name in os.listdir(folder(service)):
        path = os.path.join(folder(service), name)
        if name.endswith('.new'):
            os.unlink(path)
        elif (match := NAME.fullmatch(name)) and not match[3]:
            if os.path.exists(f'{path}.zst'):
                os.unlink(path)
            else:
                cut(path)


def cut(path):
    """Cuts the file off after its last line that has an end."""
    with open(path, 'r+b') as file:
        size = at = file.seek(0, os.SEEK_END)
        while at > 0:
            step = min(BLOCK, at)
            at -= step
            file.seek(at)
            found = file.read(step).rfind(b'\n')
            if found >= 0:
                if at + found + 1 < size:
                    file.truncate(at + found + 1)
                return
        file.truncate(0)


def open_part(service, day):
    """The file to which lines of that day are added, open for it."""
    of_day = [part for part in parts(service) if part.day == day]
    number = of_day[-1].number + of_day[-1].packed if of_day else 1
    name = f'{day}.log' if number == 1 else f'{day}.{number}.log'
    return open(os.path.join(folder(service), name), 'ab', buffering=BLOCK)


def pack(part):
    """Compresses a file for good. It has its new name when it is whole, and loses its old one after that."""
    packed = f'{part.path}.zst'
    with open(f'{packed}.new', 'wb') as file:
        subprocess.run(['zstd', '-q', '-c', '-T1', '--', part.path], stdout=file, check=True)
        os.fsync(file.fileno())
    os.rename(f'{packed}.new', packed)
    sync_directory(os.path.dirname(packed))
    os.unlink(part.path)
