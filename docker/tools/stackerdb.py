"""
The signers' StackerDB as a node tells of it: who has which slot in a cycle, and how often each slot was written. Slots
stand in the order of the signer set, one for each signer (nakamoto/signer_set.rs); an unknown contract answers 404.
"""

import json
import re
import urllib.error
from dataclasses import dataclass

from exposition import DIRECT

LARGEST = 4 << 20
WAIT = 10


class NotYet(Exception):
    """Nothing can be told from the node now; the text says why."""


@dataclass(frozen=True)
class Look:
    """
    `seats` maps this cycle and the next to the signer's index where it has one; `own` maps (cycle, contract) to the
    version of its slot. `others` maps each other index of this cycle to its weight and the versions of its slots.
    """
    cycle: int
    seats: dict
    own: dict
    others: dict
    burn: int
    stacks: int


def look(address, key, lanes):
    """What the node at host:port knows of the signer `key`. NotYet unless it is level with the chain and answers in full."""
    info = ask(address, '/v2/info')
    synced = info.get('is_fully_synced')
    burn, stacks = number(info, 'burn_block_height', '/v2/info'), number(info, 'stacks_tip_height', '/v2/info')
    if synced is not True:
        raise NotYet(f'the node is not level with the chain yet: Stacks block {stacks}, Bitcoin block {burn}')
    issuer, cycle = cycle_of(address)
    sets = {each: signer_set(address, each, must=each == cycle) for each in (cycle, cycle + 1)}
    seats = {each: [one for one, _ in signers].index(key) for each, signers in sets.items() if key in dict(signers)}
    own, others = {}, {}
    for each, signers in sets.items() if seats else ():
        # Without a seat in it, this cycle still tells whether the others write.
        names = [f'signers-{each % 2}-{lane}' for lane in lanes] if each in seats or each == cycle else []
        versions = {name: slots(address, issuer, name, len(signers)) for name in names}
        if each in seats:
            own.update({(each, name): found[seats[each]] for name, found in versions.items()})
        if each == cycle:
            others = {index: (weight, tuple(found[index] for found in versions.values())) for index, (one, weight) in enumerate(signers) if one != key}
    if cycle_of(address) != (issuer, cycle):
        raise NotYet('the reward cycle is just changing')
    return Look(cycle, seats, own, others, burn, stacks)


def cycle_of(address):
    pox = ask(address, '/v2/pox')
    issuer = str(pox.get('contract_id', '')).partition('.')[0]
    if not re.fullmatch(r'S[0-9A-Z]{20,45}', issuer):
        raise NotYet('/v2/pox: contract_id is none')
    return issuer, number(pox, 'reward_cycle_id', '/v2/pox')


def signer_set(address, cycle, must):
    """[(public key, weight)] by slot. Empty for a cycle whose set is not chosen yet, unless there `must` be one."""
    path = f'/v3/stacker_set/{cycle}'
    answer = ask(address, path, missing=None if must else 'not_available_try_again')
    if answer is None:
        return []
    found = answer.get('stacker_set')
    rows = found.get('signers') if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotYet(f'{path}: no list of signers')
    signers = [(str(row.get('signing_key', '')).lower().removeprefix('0x'), number(row, 'weight', path)) for row in rows]
    keys = [key for key, _ in signers]
    if not all(re.fullmatch(r'0[23][0-9a-f]{64}', key) for key in keys) or len(set(keys)) != len(keys):
        raise NotYet(f'{path}: a signing_key is none, or stands there twice')
    return signers


def slots(address, issuer, name, count):
    """The version of each slot. NotYet unless there is one for each signer of the set."""
    path = f'/v2/stackerdb/{issuer}/{name}'
    rows = ask(address, path, kind=list)
    if len(rows) != count:
        raise NotYet(f'{path}: {len(rows)} slots for {count} signers')
    versions = {}
    for row in rows:
        if not isinstance(row, dict):
            raise NotYet(f'{path}: a slot is no object')
        versions[number(row, 'slot_id', path)] = number(row, 'slot_version', path)
    if sorted(versions) != list(range(count)):
        raise NotYet(f'{path}: slots are missing or stand there twice')
    return versions


def number(row, name, where):
    value = row.get(name)
    if type(value) is not int or not 0 <= value < 1 << 64:
        raise NotYet(f'{where}: {name} is no number')
    return value


def ask(address, path, kind=dict, missing=None):
    """The answer's JSON; None for a failure whose err_type is `missing`. NotYet for anything else."""
    try:
        with DIRECT.open(f'http://{address}{path}', timeout=WAIT) as answer:
            body = answer.read(LARGEST + 1)
            if answer.status != 200:
                raise NotYet(f'{path}: status {answer.status}')
    except urllib.error.HTTPError as error:
        with error:
            if missing and reason(error) == missing:
                return None
            raise NotYet(f'{path}: status {error.code}') from None
    except (OSError, ValueError) as error:
        raise NotYet(f'the node at {address} does not answer yet ({type(error).__name__})') from None
    except Exception as error:  # http.client has errors of its own for a broken answer
        raise NotYet(f'{path}: a broken answer ({type(error).__name__})') from None
    if len(body) > LARGEST:
        raise NotYet(f'{path}: a larger answer than any can be')
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NotYet(f'{path}: no JSON') from None
    if not isinstance(found, kind):
        raise NotYet(f'{path}: not what it should be')
    return found


def reason(error):
    try:
        found = json.loads(error.read(LARGEST))
        return found.get('err_type') if isinstance(found, dict) else None
    except Exception:
        return None
