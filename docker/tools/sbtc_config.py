"""The settings of the sBTC signer's backups, from one JSON file, all of its mistakes told at once."""

import json
import re
from dataclasses import dataclass

from sbtc_run import Misused

PLACE = '/etc/stack/sbtc-backup.json'
# What /v2/info of a node calls them.
NETWORK_IDS = {'mainnet': 1, 'testnet': 0x80000000, 'regtest': 0x80000000}
KEPT = {'last': 7, 'daily': 14, 'weekly': 8, 'monthly': 12}
SECP_KEY = re.compile(r'0[23][0-9a-f]{64}')


@dataclass(frozen=True)
class Config:
    """
    `database` is a postgresql:// address without password; `store` holds the encrypted dumps and nothing else is to be
    copied off the host; `identity` is this host's own age identity, made if it is missing; `recipients` are the
    operator's, without whom a lost host would take its backups along. `copies` are folders elsewhere. `chain` are nodes or
    APIs, asked in this order. `at` is hour and minute in UTC; `behind` is in Bitcoin blocks.
    """
    network: str
    deployer: str
    publicKey: str
    database: str
    store: str
    scratch: str
    metrics: str
    identity: str
    recipients: tuple
    chain: tuple
    copies: tuple = ()
    passwordFile: str = ''
    keep: tuple = tuple(KEPT.items())
    at: str = '03:17'
    behind: int = 200

    @property
    def policy(self):
        return dict(self.keep)

    @property
    def database_name(self):
        return re.fullmatch(ADDRESS, self.database)[1]


def text(pattern, what):
    return lambda value: None if isinstance(value, str) and re.fullmatch(pattern, value) else f'is not {what}'


def texts(pattern, what, least):
    def check(value):
        if not isinstance(value, list) or len(value) < least:
            return f'is no list of at least {least}' if least else 'is no list'
        # By its place: it may be a secret that was put in the wrong line.
        return next((f'{place} is not {what}' for place, each in enumerate(value, 1) if text(pattern, what)(each)), None)
    return check


def whole(value):
    return None if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10_000 else 'is no number from 1 to 10000'


def policy(value):
    if not isinstance(value, dict) or set(value) - set(KEPT):
        return f'is no object of {", ".join(KEPT)}'
    # Of the longer periods none at all may be wanted.
    return next((f'{name} {why}' for name, each in value.items() if (why := whole(each)) and (name == 'last' or each != 0 or each is False)), None)


FOLDER = text(r'/[^\0]*', 'an absolute path')
ADDRESS = r'postgres(?:ql)?://[^\s/?:@]+@[^\s/?@]*/([A-Za-z_][A-Za-z0-9_-]*)(?:\?[^\s]*)?'
CHECKS = {
    'network': lambda value: None if isinstance(value, str) and value in NETWORK_IDS else f'is none of {", ".join(NETWORK_IDS)}',
    'deployer': text(r'S[0-9A-HJKMNP-TV-Z]{28,41}', 'a Stacks address'),
    'publicKey': text(SECP_KEY, 'a compressed public key in lower-case hexadecimal'),
    'database': text(ADDRESS, 'postgresql://USER@HOST:PORT/NAME without a password'),
    'store': FOLDER, 'scratch': FOLDER, 'metrics': FOLDER, 'identity': FOLDER, 'passwordFile': FOLDER,
    'recipients': texts(r'age1[0-9a-z]{50,120}|ssh-(ed25519|rsa) [A-Za-z0-9+/=]+( .*)?', 'an age recipient', 1),
    'chain': texts(r'https?://[^\s?#]+', 'an http address', 1),
    'copies': texts(r'/[^\0]*', 'an absolute path', 0),
    'keep': policy,
    'at': text(r'([01]\d|2[0-3]):[0-5]\d', 'hour and minute'),
    'behind': whole,
}
REQUIRED = ('network', 'deployer', 'publicKey', 'database', 'store', 'scratch', 'metrics', 'identity', 'recipients', 'chain')


def read_config(path=PLACE):
    """The Config of `path`; raises Misused with every problem of it."""
    try:
        with open(path, encoding='utf-8') as file:
            found = json.load(file)
    except (OSError, ValueError) as error:
        raise Misused(f'{path} cannot be read: {error}') from None
    if not isinstance(found, dict):
        raise Misused(f'{path} holds no JSON object')
    problems = [f'{name} is missing' for name in REQUIRED if name not in found]
    problems += [f'{name} is not known' for name in found if name not in CHECKS]
    problems += [f'{name} {why}' for name, check in CHECKS.items() if name in found and (why := check(found[name]))]
    if problems:
        raise Misused('\n'.join(f'{path}: {each}' for each in problems))
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return Config(**{**values, 'keep': tuple({**KEPT, **found.get('keep', {})}.items())})
