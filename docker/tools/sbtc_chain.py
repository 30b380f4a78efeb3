"""What the chain says: the registry's aggregate key, its signers, the tip, and which chain it is."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass

from clarity import Malformed, decode
from exposition import DIRECT, OUTSIDE, fetched, json_value
from printable import printable
from sbtc_registry import aggregate_key, signer_data

WAIT = 15
LARGEST = 1 << 20
REGISTRY = 'sbtc-registry'
HASH_DIGITS = 64


class Unreachable(Exception):
    """None of the addresses gave an answer that can be relied on."""


@dataclass(frozen=True)
class Chain:
    """`key` is None before the first one; `at` is who answered; `block` is the hash at the height that was asked for, or None."""
    at: str
    network_id: int
    height: int
    key: object
    signers: frozenset
    threshold: int
    block: object


def ask_chain(config, height=None):
    """The Chain as the first of config.chain tells it that answers everything; raises Unreachable with what each did instead."""
    reasons = []
    for address in config.chain:
        try:
            return ask_one(address.rstrip('/'), config.deployer, height)
        except (OSError, ValueError, Malformed) as error:
            reasons.append(f'{address}: {plain(error)}')
    raise Unreachable('; '.join(reasons))


def ask_one(address, deployer, height):
    info = expect(ask(f'{address}/v2/info'), dict, '/v2/info')
    network, tip = (natural(info, name) for name in ('network_id', 'burn_block_height'))
    call = f'{address}/v2/contracts/call-read/{deployer}/{REGISTRY}'
    # The key is asked for as the guide does it; the set and its threshold stand beside it in the other answer.
    key = named('get-current-aggregate-pubkey', aggregate_key, call, deployer)
    other, signers, threshold = named('get-current-signer-data', signer_data, call, deployer)
    if other != key:
        raise ValueError('the key changed between two questions')
    return Chain(address, network, tip, key, signers, threshold, block_at(address, height))


def named(function, read, call, deployer):
    answer = expect(ask(f'{call}/{function}', {'sender': deployer, 'arguments': []}), dict, function)
    if answer.get('okay') is not True:
        raise ValueError(f'{function} failed: {str(answer.get("cause"))[:200]!r}')
    try:
        return read(decode(answer.get('result')))
    except Malformed as error:
        raise Malformed(f'what {function} answers cannot be relied on: {error}') from None


def block_at(address, height):
    """The hash of the Bitcoin block at a height, where the node still knows it; None where it does not."""
    if height is None:
        return None
    try:
        rows = expect(ask(f'{address}/v3/sortitions/burn_height/{height}'), list, 'sortitions')
    except urllib.error.HTTPError as error:
        if error.code in (400, 404):
            return None
        raise
    row = expect(rows[0] if len(rows) == 1 else None, dict, 'sortitions')
    digits = str(row.get('burn_block_hash', '')).removeprefix('0x').lower()
    if row.get('burn_block_height') != height or len(digits) != HASH_DIGITS:
        raise ValueError('sortitions: another height, or no hash')
    return bytes.fromhex(digits).hex()


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {'Content-Type': 'application/json'})
    opener = DIRECT if url.startswith('http:') else OUTSIDE
    status, _, content = fetched(request, WAIT, LARGEST, opener)
    if status != 200:
        raise ValueError(f'answered {status}')
    return json_value(content)


def expect(value, kind, name):
    if not isinstance(value, kind):
        raise ValueError(f'{name}: another answer than expected')
    return value


def natural(info, name):
    value = info.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f'/v2/info has no {name}')
    return value


def plain(error):
    if isinstance(error, urllib.error.HTTPError):
        return f'answered {error.code}'
    text = str(getattr(error, 'reason', '') or error) or type(error).__name__
    return printable(text, 300)
