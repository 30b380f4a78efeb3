"""
Holds the configured signer set against the chain, as the node tells it: sbtc_set.py

NODE_RPC is host:port of the own node, or the https:// address of an API that is trusted in its place.

0 the same, 1 something differs, 2 could not tell: the node does not answer, is behind, or says what cannot be read.
"""

import json
import os
import sys
import urllib.error
import urllib.request

from clarity import Malformed, decode
from exposition import fetched, json_value
from printable import printable
from sbtc_registry import signer_data

WAIT = 10
LARGEST = 1 << 20
# A node that is further behind may tell of a set that is gone.
BEHIND = 6
DANGER = """Do not start sbtc-signer with this difference: a signer whose set or threshold is not that of the chain tries to make
a new key with the others. Ask the other operators and the sBTC team what holds now, write it into answers.env, generate."""


class Unknown(Exception):
    """What keeps it from telling; one line."""


def ask(address, path, body=None):
    """The JSON object that the node answers."""
    data = None if body is None else json.dumps(body).encode()
    base = address.rstrip('/') if '://' in address else f'http://{address}'
    request = urllib.request.Request(f'{base}{path}', data, {'Content-Type': 'application/json'} if data else {})
    try:
        _, _, text = fetched(request, WAIT, LARGEST)
    except urllib.error.HTTPError as error:
        raise Unknown(f'the node answers {path} with {error.code}') from None
    except (OSError, ValueError) as error:
        raise Unknown(f'the node at {address} does not answer: {error}') from None
    try:
        found = json_value(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unknown(f'the node answers {path} with what is no JSON object')
    return found


def check_in_step(address):
    """Refuses a node that is behind its peers: its answers are of the past."""
    health = ask(address, '/v3/health')
    behind = health.get('difference_from_max_peer')
    if health.get('max_stacks_neighbor_address') is None or isinstance(behind, bool) or not isinstance(behind, int):
        raise Unknown('the node knows no peer that could say whether it is in step')
    if behind > BEHIND:
        raise Unknown(f'the node is {behind} blocks behind its peers')


def current(address, deployer):
    """The aggregate key, the set of keys and the threshold of the chain, as hexadecimal digits and a number."""
    answer = ask(address, f'/v2/contracts/call-read/{deployer}/sbtc-registry/get-current-signer-data', {'sender': deployer, 'arguments': []})
    if answer.get('okay') is not True:
        raise Unknown(f'the contract did not answer: {str(answer.get("cause"))[:200]!r}')
    try:
        aggregate, keys, threshold = signer_data(decode(answer.get('result')))
    except Malformed as malformed:
        raise Unknown(f'the contract\'s answer cannot be read: {malformed}') from None
    if aggregate is None:
        raise Unknown('there is no key on the chain yet')
    return aggregate, keys, threshold


def differences(environment):
    """A line for each, and the aggregate key of the chain."""
    address, deployer = environment['NODE_RPC'], environment['DEPLOYER']
    configured = set(environment['SIGNING_SET'].split(','))
    required = int(environment['SIGNATURES_REQUIRED'])
    if '://' not in address:
        check_in_step(address)
    elif not address.startswith('https://'):
        raise Unknown('an API is asked over https:// alone')
    found = []
    registry = ask(address, '/v2/pox').get('pox_5_sbtc_registry_contract')
    if registry is not None and registry != f'{deployer}.sbtc-registry':
        found.append(f'the node knows the registry {str(registry)[:200]!r}, and SBTC_DEPLOYER is {deployer}')
    aggregate, keys, threshold = current(address, deployer)
    found += [f'{key} is in the chain\'s set, and not in SBTC_SIGNING_SET' for key in sorted(keys - configured)]
    found += [f'{key} is in SBTC_SIGNING_SET, and not in the chain\'s set' for key in sorted(configured - keys)]
    if threshold != required:
        found.append(f'the chain wants {threshold} signatures, and SBTC_SIGNATURES_REQUIRED is {required}')
    own = environment.get('SBTC_IDENTITY')
    if own and own not in keys:
        found.append(f'this signer\'s own key {own} is not in the chain\'s set')
    return found, aggregate, len(keys), threshold


def main():
    try:
        found, aggregate, count, threshold = differences(os.environ)
    except Unknown as unknown:
        print(f'sbtc-set: could not tell: {printable(unknown)}', file=sys.stderr)
        return 2
    except (KeyError, ValueError) as error:
        print(f'sbtc-set: it is run as make sbtc-set ({error!r})', file=sys.stderr)
        return 2
    if not found:
        print(f'sbtc-set: as on the chain: {count} keys, {threshold} signatures, aggregate key {aggregate}')
        return 0
    for line in found:
        print(f'sbtc-set: {printable(line)}')
    print(DANGER)
    return 1


if __name__ == '__main__':
    sys.exit(main())
