"""
Clarity values from their consensus bytes, as a node answers a read-only call. Strict: what does not read back to the same
bytes is refused, so that no answer can mean two things.
"""

import re
from dataclasses import dataclass

DEEPEST = 8
NAME = re.compile(rb'[a-zA-Z]([a-zA-Z0-9]|[-_!?+<>=/*])*|[-+=/*]|[<>]=?')


class Malformed(Exception):
    """Bytes that are no Clarity value; the text says why."""


@dataclass(frozen=True)
class Principal:
    version: int
    hash160: bytes
    contract: str | None = None


def decode(text):
    """
    The value of a node's 0x… text: int for a uint, bytes for a buffer, Principal, list, or dict for a tuple. Other kinds
    are not of use here and refused.
    """
    if not isinstance(text, str) or not re.fullmatch(r'0x(?:[0-9a-f]{2})+', text):
        raise Malformed('it is no text of 0x and pairs of small hexadecimal digits')
    reader = Reader(bytes.fromhex(text[2:]))
    value = reader.value(0)
    if reader.left():
        raise Malformed(f'{reader.left()} bytes follow the value')
    return value


class Reader:

    def __init__(self, content):
        self.content = content
        self.at = 0

    def left(self):
        return len(self.content) - self.at

    def take(self, count):
        if count > self.left():
            raise Malformed(f'it ends {count - self.left()} bytes early')
        self.at += count
        return self.content[self.at - count:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), 'big')

    def value(self, depth):
        if depth > DEEPEST:
            raise Malformed('it is nested too deep')
        kind = self.number(1)
        if kind == 0x01:
            return self.number(16)
        if kind == 0x02:
            return self.take(self.number(4))
        if kind == 0x05:
            return self.principal()
        if kind == 0x06:
            plain = self.principal()
            return Principal(plain.version, plain.hash160, self.name())
        if kind == 0x0b:
            return [self.value(depth + 1) for _ in range(self.count())]
        if kind == 0x0c:
            return self.tuple(depth)
        raise Malformed(f'a value of the kind {kind:#04x} is none that is awaited')

    def count(self):
        """How many values follow; each takes a byte at least."""
        count = self.number(4)
        if count > self.left():
            raise Malformed('it is said to hold more than there is')
        return count

    def principal(self):
        version = self.number(1)
        if version > 31:
            raise Malformed(f'{version} is the version of no address')
        return Principal(version, self.take(20))

    def name(self):
        name = self.take(self.number(1))
        if len(name) > 128 or not NAME.fullmatch(name):
            raise Malformed('a name in it is none')
        return name.decode('ascii')

    def tuple(self, depth):
        found = {}
        before = None
        for _ in range(self.count()):
            name = self.name()
            if before is not None and name <= before:
                raise Malformed('the names of a tuple are not in their order')
            before = name
            found[name] = self.value(depth + 1)
        return found
