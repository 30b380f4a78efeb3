"""
What docker/host/evidence.sh has gathered, read distrustfully: the stream may be cut off anywhere, and every answer in it
may be missing, an error, or not what it should be. Whoever asks for what is not there gets Missing, never a default.
"""

import calendar
import json
import re
import time
from dataclasses import dataclass

from printable import printable

# They end when they are done, and must end well.
ONE_SHOTS = ('init', 'sbtc-upgrade-dump')
HEXADECIMAL = re.compile(r'(?:0x)?[0-9a-fA-F]{40,}')


class Missing(Exception):
    """There is no such evidence; the text says why, for people."""


class TooSoon(Missing):
    """It cannot be known yet, and nothing is wrong with that."""


@dataclass(frozen=True)
class Section:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Line:
    """A line of a log; `at` is seconds since 1970."""
    at: float
    text: str


class Evidence:
    """`complete` is whether the stream has its end: without it nothing may be called healthy."""

    def __init__(self, stream):
        self.mode, self.sections, self.complete = read(stream)

    def text(self, name):
        """What was said on stdout; Missing when it was not asked or did not succeed."""
        section = self.sections.get(name)
        if section is None:
            raise Missing(f'{name} was not asked')
        if section.code != 0:
            raise Missing(f'{name}: {plain(section.err.strip().splitlines()[-1]) if section.err.strip() else f"ended with {section.code}"}')
        return section.out

    def answer(self, name):
        """The JSON object that was said."""
        try:
            value = json.loads(self.text(name))
        except (ValueError, RecursionError):
            raise Missing(f'{name} is no JSON') from None
        return mapping(value, name)

    def number(self, name, key):
        value = self.answer(name).get(key)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise Missing(f'{name} has no {key}')
        return value

    def has(self, name):
        return name in self.sections and self.sections[name].code == 0

    @property
    def now(self):
        try:
            return int(self.text('now'))
        except ValueError:
            raise Missing('the time is no number') from None

    def fact(self, name, fallback=''):
        """A value of config/stack.json, as init facts prints it: what was known when the directory was generated."""
        for line in self.text('facts').splitlines():
            if line.startswith(f'{name}='):
                return line[len(name) + 1:]
        return fallback

    @property
    def services(self):
        return self.fact('services').split()

    def here(self, *names):
        """Whether one of them has work on this host. The signer of a standby has none."""
        return any(name in self.services and not (name == 'stacks-signer' and self.standby) for name in names)

    @property
    def guard(self):
        """(state, words) of the guard's verdict: waiting, watching, passed, refused or standby."""
        state, _, words = self.text('guard.verdict').partition('\n')
        if state not in ('waiting', 'watching', 'passed', 'refused', 'standby'):
            raise Missing('the guard has no verdict')
        return state, words.strip()

    @property
    def standby(self):
        try:
            return self.guard[0] == 'standby'
        except Missing:
            return False

    @property
    def containers(self):
        """All containers of the stack by service, as objects whose needed keys are there."""
        found = {}
        for line in self.text('containers').splitlines():
            try:
                one = json.loads(line)
            except (ValueError, RecursionError):
                raise Missing('containers is no JSON') from None
            service = mapping(mapping(one, 'containers').get('labels') or {}, 'labels').get('com.docker.compose.service')
            if not isinstance(one.get('status'), str) or not isinstance(service, str):
                raise Missing('a container without a state')
            found[service] = one
        return found

    def container(self, service):
        """The service's container; Missing where there is none, which is a finding of another check."""
        found = self.containers.get(service)
        if found is None:
            raise Missing(f'{service} has no container')
        return found

    def last_words(self, service, prefix):
        """What a one-shot that failed said under `prefix`, a line each, or how it ended; none where it ended well. Missing while it is at work."""
        one = self.container(service)
        if one['status'] == 'exited' and one.get('exit') == 0:
            return []
        if one['status'] in ('created', 'running'):
            raise Missing(f'{service} is {one["status"]}')
        said = [line.text for line in self.log(service) if line.text.startswith(prefix)] if self.has(f'logs.{service}') else []
        return said or [f'{service} ended with {one.get("exit")}: {one.get("error") or "no word"}']

    def running(self, service):
        return self.here(service) and (self.containers.get(service) or {}).get('status') == 'running'

    def started(self, service):
        return moment(str(self.container(service).get('started', '')))

    def log(self, service, section='logs'):
        """Lines of the log that are left of it, oldest first; those before the container's last start too."""
        return [line for line in map(log_line, self.text(f'{section}.{service}').splitlines()) if line]

    def log_now(self, service, section='logs'):
        """Lines since the container's last start."""
        since = self.started(service)
        return [line for line in self.log(service, section) if line.at >= since - 1]


def read(stream):
    """(mode, sections, complete) of the bytes; what cannot be read ends the reading."""
    sections = {}
    first, _, rest = stream.partition(b'\n')
    words = first.decode('ascii', 'replace').split()
    if len(words) != 3 or words[:2] != ['stack-evidence', '1']:
        return '', sections, False
    while rest:
        line, newline, rest = rest.partition(b'\n')
        words = line.decode('ascii', 'replace').split()
        if len(words) == 2 and words[0] == 'end' and newline:
            return first.split()[2].decode('ascii', 'replace'), sections, words[1] == str(len(sections)) and not rest
        if len(words) != 5 or words[0] != 'section' or not all(word.isascii() and word.isdigit() and len(word) < 9 for word in words[2:]):
            break
        code, out, err = map(int, words[2:])
        if len(rest) < out + err + 1:
            break
        sections[words[1]] = Section(code, rest[:out].decode('utf-8', 'replace'), rest[out:out + err].decode('utf-8', 'replace'))
        rest = rest[out + err + 1:]
    return first.split()[2].decode('ascii', 'replace'), sections, False


def mapping(value, name):
    if not isinstance(value, dict):
        raise Missing(f'{name} is not what it should be')
    return value


def log_line(text):
    stamp, _, rest = text.partition(' ')
    try:
        return Line(moment(stamp), rest)
    except Missing:
        return None


def moment(text):
    """Seconds since 1970 of a time as Docker writes it."""
    try:
        whole = calendar.timegm(time.strptime(text[:19], '%Y-%m-%dT%H:%M:%S'))
    except (ValueError, OverflowError):
        raise Missing(f'no time: {plain(text)[:40]}') from None
    fraction = re.match(r'\.(\d{1,9})', text[19:])
    return whole + (float(f'0.{fraction[1]}') if fraction else 0.0)


def plain(text):
    """For a terminal: no control characters, and nothing that is long enough to be a key."""
    return HEXADECIMAL.sub(lambda found: f'{found[0][:10]}…', printable(text))
