"""
Values of Clarity as nodes give them out, read strictly: every length is checked, nothing may follow, no other type will do.
The byte before each value names its type; numbers are big-endian.
"""

UINT, BUFFER, STANDARD, CONTRACT, LIST, TUPLE = 1, 2, 5, 6, 11, 12
DEEPEST = 8
KEY_BYTES = 33


class Unreadable(Exception):
    """The text is not the value that was asked for."""


class Reader:
    def __init__(self, content):
        self.content, self.at = content, 0

    def take(self, count):
        end = self.at + count
        if end > len(self.content):
            raise Unreadable('it ends early')
        self.at, taken = end, self.content[self.at:end]
        return taken

    def number(self, count):
        return int.from_bytes(self.take(count), 'big')

    def value(self, depth=0):
        if depth > DEEPEST:
            raise Unreadable('it is nested too deep')
        kind = self.number(1)
        if kind == UINT:
            return self.number(16)
        if kind == BUFFER:
            return self.take(self.number(4))
        if kind in (STANDARD, CONTRACT):
            address = self.take(21)
            return address if kind == STANDARD else (address, self.take(self.number(1)))
        if kind == LIST:
            return [self.value(depth + 1) for _ in range(self.number(4))]
        if kind == TUPLE:
            return self.fields(depth)
        raise Unreadable(f'it holds a value of type 0x{kind:02x}')

    def fields(self, depth):
        found = {}
        for _ in range(self.number(4)):
            name = self.take(self.number(1)).decode('ascii', 'replace')
            if name in found:
                raise Unreadable(f'it names {name!r} twice')
            found[name] = self.value(depth + 1)
        return found


def decode(text):
    """The value of a text such as 0x0200000001…; raises Unreadable."""
    if not isinstance(text, str) or not text.startswith('0x'):
        raise Unreadable('it is no text that begins with 0x')
    digits = text[2:]
    if len(digits) % 2 or not all(letter in '0123456789abcdefABCDEF' for letter in digits):
        raise Unreadable('it is not hexadecimal')
    reader = Reader(bytes.fromhex(digits))
    value = reader.value()
    if reader.at != len(reader.content):
        raise Unreadable(f'{len(reader.content) - reader.at} bytes follow the value')
    return value


def public_key(value):
    """The compressed key in a buffer, as lower-case hexadecimal; raises Unreadable."""
    if not isinstance(value, bytes) or len(value) != KEY_BYTES:
        raise Unreadable(f'it is no buffer of {KEY_BYTES} bytes')
    if value[0] not in (2, 3):
        raise Unreadable(f'it begins with 0x{value[0]:02x}, as no compressed key does')
    return value.hex()


def aggregate_key(value):
    """As public_key; None for the one zero byte that stands there before the first key."""
    return None if value == b'\0' else public_key(value)


def signer_data(value):
    """Key (or None), set and threshold of what get-current-signer-data answers; raises Unreadable."""
    names = {'current-signer-set', 'current-aggregate-pubkey', 'current-signer-principal', 'current-signature-threshold'}
    if not isinstance(value, dict) or set(value) != names:
        raise Unreadable('it is not the tuple of the signers')
    keys, threshold = value['current-signer-set'], value['current-signature-threshold']
    if not isinstance(keys, list) or not isinstance(threshold, int):
        raise Unreadable('set or threshold are of another type')
    found = [public_key(each) for each in keys]
    if len(set(found)) != len(found):
        raise Unreadable('the set names a key twice')
    return aggregate_key(value['current-aggregate-pubkey']), frozenset(found), threshold
