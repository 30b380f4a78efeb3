"""
The sBTC signer's TOML, read more strictly than the program does, which takes no notice of keys that it does not know: here
an unknown key, a wrong type or a value out of its range ends the start, so that a test sees it.
"""

import re
import tomllib
import urllib.parse

KEY = re.compile(r'0[23][0-9a-f]{64}')
PEER = re.compile(r'(tcp|quic-v1)://[^/@?#:]+:[0-9]{1,5}')
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
PRIME = 2**256 - 2**32 - 977
POINT = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798, 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


class Wrong(Exception):
    """Why the program would not start with this file, or should not."""


def number(least=0, most=2**63 - 1):
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def text(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def several(pattern, least=0):
    return lambda value: isinstance(value, list) and len(value) >= least and all(text(pattern)(one) for one in value)


BIND = r'[0-9.]+:[0-9]{1,5}'
# Each key with its check, and whether it must be there.
RULES = {
    'blocklist_client': {'endpoint': (text(r'https?://[^/@]+'), True), 'retry_delay': (number(), False)},
    'emily': {'endpoints': (several(r'https?://[^@/:]+@[^/@]+', 1), True), 'pagination_timeout': (number(1), False), 'timeout': (number(1), False)},
    'bitcoin': {
        'rpc_endpoints': (several(r'http://[^:@/]+:[^:@/,]+@[^:@/]+:[0-9]+', 1), True), 'timeout': (number(1), False),
        'chain_tip_polling_interval': (number(1, 10), False), 'fallback_fee': (lambda value: isinstance(value, (int, float)), False),
    },
    'stacks': {'endpoints': (several(r'https?://[^/@]+', 1), True)},
    'signer': {
        'private_key': (text(r'[0-9a-fA-F]{64}(01)?'), True), 'network': (text('mainnet|testnet|regtest'), True), 'deployer': (text(r'S[PMTN][0-9A-HJKMNP-TV-Z]{28,40}'), True),
        'db_endpoint': (text(r'postgres(ql)?://[^:@/]+:[^:@/]+@[^:@/]+:[0-9]+/[a-z]+'), True), 'bootstrap_signing_set': (several(KEY.pattern, 1), True),
        'bootstrap_signatures_required': (number(1, 16), True), 'bootstrap_aggregate_key': (text(KEY.pattern), False),
        'bitcoin_processing_delay': (number(0, 300), True), 'requests_processing_delay': (number(0, 300), True),
        'prometheus_exporter_endpoint': (text(BIND), False), 'event_observer': (None, True), 'p2p': (None, True),
        **{name: (number(least), False) for name, least in {
            'dkg_min_bitcoin_block_height': 0, 'dkg_verification_window': 0, 'dkg_begin_pause': 0, 'dkg_max_duration': 1, 'bitcoin_presign_request_max_duration': 1,
            'signer_round_max_duration': 1, 'context_window': 0, 'deposit_decisions_retry_window': 0, 'withdrawal_decisions_retry_window': 0,
            'max_deposits_per_bitcoin_tx': 1, 'sbtc_bitcoin_start_height': 0, 'stacks_fees_max_ustx': 1}.items()},
    },
    'signer.event_observer': {'bind': (text(BIND), True)},
    'signer.p2p': {
        'seeds': (several(PEER.pattern), True), 'listen_on': (several(PEER.pattern, 1), True), 'public_endpoints': (several(PEER.pattern), True),
        'enable_mdns': (lambda value: value is False, False),
    },
}


def read(path):
    try:
        with open(path, 'rb') as file:
            found = tomllib.load(file)
    except (OSError, ValueError) as error:
        raise Wrong(f'{path}: {error}') from None
    for section in sorted(set(found) - set(RULES)):
        raise Wrong(f'there is no section {section}')
    for section, rules in RULES.items():
        table = found
        for name in section.split('.'):
            table = table.get(name)
            if not isinstance(table, dict):
                raise Wrong(f'the section {section} is missing')
        check_table(section, table, rules)
    check_whole(found)
    return found


def check_table(section, table, rules):
    for name in sorted(set(table) - set(rules)):
        raise Wrong(f'{section} has no key {name}')
    for name, (check, required) in rules.items():
        if name not in table:
            if required:
                raise Wrong(f'{section}.{name} is missing')
        elif check and not check(table[name]):
            raise Wrong(f'{section}.{name} is wrong')


def check_whole(found):
    signer = found['signer']
    keys = signer['bootstrap_signing_set']
    if len(keys) > 16 or len(set(keys)) != len(keys) or signer['bootstrap_signatures_required'] > len(keys):
        raise Wrong('the signing set does not fit its threshold')
    if public_key(signer['private_key']) not in keys:
        raise Wrong('the signer is not in its own signing set')
    if signer['network'] != 'regtest' and not signer['p2p']['seeds']:
        raise Wrong('there are no seeds')
    if (signer['deployer'][1] in 'PM') != (signer['network'] == 'mainnet'):
        raise Wrong('the deployer is of another network')
    if 'fallback_fee' in found['bitcoin'] and signer['network'] == 'mainnet':
        raise Wrong('there is no fallback fee on mainnet')
    listened = {one.partition(':')[0] for one in signer['p2p']['listen_on']}
    if any(one.partition(':')[0] not in listened for one in signer['p2p']['public_endpoints']):
        raise Wrong('a public endpoint has a protocol on which nobody listens')
    for one in found['bitcoin']['rpc_endpoints']:
        if urllib.parse.urlsplit(one).port in (80, 443):
            raise Wrong('the port of bitcoind is lost, for it is the usual one')


def public_key(private):
    """The compressed public key, as hexadecimal digits."""
    rest, total, point = int(private[:64], 16) % ORDER, None, POINT
    while rest:
        if rest & 1:
            total = add(total, point)
        point = add(point, point)
        rest >>= 1
    return f'{2 + total[1] % 2:02x}{total[0]:064x}'


def add(one, other):
    if one is None:
        return other
    if one == other:
        slope = 3 * one[0] * one[0] * pow(2 * one[1], -1, PRIME)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, PRIME)
    x = (slope * slope - one[0] - other[0]) % PRIME
    return x, (slope * (one[0] - x) - one[1]) % PRIME
