"""Puts secrets into a committed config. Messages name files and keys, never a value."""

import hashlib
import hmac
import os
import re
import tomllib
from dataclasses import dataclass

from layout import SECRETS


class Refused(Exception):
    """Something the operator has to put right; the text is the one line that is shown."""


@dataclass(frozen=True)
class Secret:
    file: str
    form: re.Pattern
    expects: str
    # What of the value goes into the config.
    written: object = staticmethod(lambda value: value)
    # A config without its placeholder is right too: nothing there needs it.
    optional: bool = False


def rpcauth(password):
    """salt$hash, as bitcoind compares it with a password. The salt follows from the password: the same file every time."""
    salt = hmac.new(b'rpcauth salt', password.encode(), hashlib.sha256).hexdigest()[:32]
    return f'{salt}${hmac.new(salt.encode(), password.encode(), hashlib.sha256).hexdigest()}'


TOKEN = re.compile(r'[!-~]{16,256}')
# What stands in an address, in SQL and between commas is as it is.
WORD = re.compile(r'[A-Za-z0-9._~-]{16,256}')
A_WORD = '16 to 256 letters, digits, dots, dashes, underscores and tildes'

# Names as the generator writes them between @ signs.
KNOWN = {
    'SIGNER_PRIVATE_KEY': Secret(
        'signer-private-key', re.compile(r'[0-9A-Fa-f]{64}(01)?'), '64 hexadecimal digits, or 66 that end in 01'),
    'AUTH_TOKEN': Secret(
        'auth-token', TOKEN, '16 to 256 printable ASCII characters without blanks'),
    'BITCOIN_METRICS_RPCAUTH': Secret(
        'bitcoin-metrics-password', TOKEN, '16 to 256 printable ASCII characters without blanks', rpcauth, optional=True),
    'SBTC_PRIVATE_KEY': Secret(
        'sbtc-signer-private-key', re.compile(r'[0-9A-Fa-f]{64}(01)?'), '64 hexadecimal digits, or 66 that end in 01'),
    'EMILY_API_KEY': Secret('emily-api-key', WORD, A_WORD),
    'POSTGRES_PASSWORD': Secret('postgres-password', WORD, A_WORD),
    'SBTC_BITCOIN_RPC_PASSWORD': Secret('sbtc-bitcoin-rpc-password', WORD, A_WORD),
    'SBTC_BITCOIN_RPCAUTH': Secret('sbtc-bitcoin-rpc-password', WORD, A_WORD, rpcauth, optional=True),
}

# A line of a TOML file, one with the secret inside of an address, and the lines of bitcoin.conf, which knows no quotes.
PLACEHOLDER = re.compile(r'(?P<start>[ \t]*(?P<key>[A-Za-z0-9_-]+)[ \t]*=[ \t]*)"@(?P<name>[A-Z][A-Z0-9_]*)@"[ \t]*')

ADDRESS_PLACEHOLDER = re.compile(
    r'(?P<start>[ \t]*(?:[a-z_]+[ \t]*=[ \t]*)?(?:\[ )?"[a-z]+://(?:[a-z-]+:)?)@(?P<key>(?P<name>[A-Z][A-Z0-9_]*))@(?P<end>@[^"@\\]*"(?: \])?,?[ \t]*)')
BITCOIN_PLACEHOLDER = re.compile(r'(?P<start>(?P<key>rpcauth=[a-z-]+):)@(?P<name>BITCOIN_METRICS_RPCAUTH|SBTC_BITCOIN_RPCAUTH)@')


def fill(text, file, wanted):
    """
    `text` with its placeholders replaced. `wanted` maps a key to the secret that belongs there; each must stand exactly
    once as a whole line `key = "@NAME@"`, and no other line may look like one. One inside of an address has its own name
    for a key. `file` is the name for messages.
    """
    left = dict(wanted)
    lines = text.split('\n')
    for index, line in enumerate(lines):
        found = PLACEHOLDER.fullmatch(line) or ADDRESS_PLACEHOLDER.fullmatch(line) or BITCOIN_PLACEHOLDER.fullmatch(line)
        if not found:
            continue
        key, name = found['key'], found['name']
        place = f'{file} line {index + 1}'
        if wanted.get(key) != name:
            raise Refused(f'{place}: {key} = "@{name}@" is not a placeholder that belongs here; generate the stack again')
        if key not in left:
            raise Refused(f'{place}: {key} = "@{name}@" stands there twice; generate the stack again')
        del left[key]
        value = KNOWN[name].written(read_secret(name))
        if found.re is PLACEHOLDER:
            lines[index] = f'{found["start"]}"{escape(value)}"'
        else:
            lines[index] = f'{found["start"]}{value}{found.groupdict().get("end", "")}'
    for key, name in left.items():
        if KNOWN[name].optional:
            continue
        raise Refused(f'{file}: the line {key} = "@{name}@" is missing; generate the stack again')
    return '\n'.join(lines)


def without_observers(text, file):
    """`text` without its tables [[events_observer]], and else the same: for a node that runs while no signer is there."""
    lines, inside = [], False
    for line in text.split('\n'):
        if line.startswith('['):
            inside = line.rstrip() == '[[events_observer]]'
        if not inside:
            lines.append(line)
    rest = '\n'.join(lines).rstrip('\n') + '\n'
    try:
        whole = tomllib.loads(text)
        whole.pop('events_observer', None)
        same = tomllib.loads(rest) == whole
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise Refused(f'{file}: its observers cannot be told from the rest; generate the stack again')
    return rest


def escape(value):
    """`value` for between the quotes of a basic TOML string; secrets are printable ASCII, so only two signs matter."""
    return value.replace('\\', '\\\\').replace('"', '\\"')


def read_secret(name):
    """The value of a secret, checked for its form."""
    secret = KNOWN[name]
    where = f'secrets/{secret.file}'
    path = os.path.join(SECRETS, secret.file)
    try:
        with open(path, 'rb') as file:
            content = file.read(4096)
    except FileNotFoundError:
        raise Refused(f'{where} is missing: put {secret.expects} into that file') from None
    except OSError as trouble:
        raise Refused(f'{where} cannot be read ({trouble.strerror}): it must be a file with {secret.expects}') from None
    return checked(name, content, where)


def checked(name, content, where):
    """The value of a secret in the `content` of a file, checked for its form."""
    secret = KNOWN[name]
    value = content.decode('latin-1').rstrip('\r\n')
    if not value:
        raise Refused(f'{where} is empty: put {secret.expects} into that file')
    if not secret.form.fullmatch(value):
        raise Refused(f'{where} is malformed: it must hold {secret.expects}, and nothing else')
    return value


def read_key(name):
    """A private key of certs/ as it stands; nginx says more of what is wrong in it than could be said here."""
    where = f'secrets/{name}'
    try:
        with open(os.path.join(SECRETS, name), 'rb') as file:
            content = file.read(65536)
    except FileNotFoundError:
        raise Refused(f'{where} is missing: put the private key of the certificate there, in PEM') from None
    except OSError as trouble:
        raise Refused(f'{where} cannot be read ({trouble.strerror}): it must be a private key in PEM') from None
    if b'PRIVATE KEY-----' not in content:
        raise Refused(f'{where} is malformed: it must hold a private key in PEM')
    return content


def read_plain(name):
    """A secret that a program reads from a file of its own: one line without its end."""
    where = f'secrets/{name}'
    try:
        with open(os.path.join(SECRETS, name), 'rb') as file:
            content = file.read(4096)
    except FileNotFoundError:
        raise Refused(f'{where} is missing: put the secret into that file, on one line') from None
    except OSError as trouble:
        raise Refused(f'{where} cannot be read ({trouble.strerror}): it must be a file with one line') from None
    value = content.rstrip(b'\r\n')
    if not re.fullmatch(rb'[ -~]{1,2048}', value):
        raise Refused(f'{where} is malformed: it must hold one line of printable ASCII characters')
    return value
