"""Faults of the sBTC signer, and of the nodes that it has for itself."""

import re

from evidence import Missing, mapping, plain
from verdict import Found, table

CHECKS = []
check = table(CHECKS)

HERE = ('sbtc-signer',)
DOWN = ('not-running', 'restarting', 'config-refused', 'out-of-memory', 'init-failed')
KEY = re.compile(r'0[23][0-9a-f]{64}')


def state(seen):
    """What sbtc-watch gathered. Whether it could is another question than what it found."""
    return seen.answer('sbtc.state')


def answers(seen):
    """Which of signer and blocklist client does not, and how."""
    told = []
    for name, code, bad in (('sbtc-signer', state(seen).get('signer'), lambda code: code != 200), ('blocklist-client', state(seen).get('blocklist'), lambda code: code >= 500)):
        if code is None:
            told.append(f'{name} does not answer')
        elif not isinstance(code, int) or isinstance(code, bool):
            raise Missing('sbtc.state is not what it should be')
        elif bad(code):
            told.append(f'{name} answers with {code}')
    return told


def key_matches(seen):
    """Whether the newest key is that of the contract; None where either is not known."""
    keys = state(seen).get('dkg')
    if not isinstance(keys, dict):
        return None
    own, chain = (str(keys.get(name)).lower().removeprefix('0x') for name in ('current_aggregate_key', 'contract_aggregate_key'))
    return own == chain if KEY.fullmatch(own) and KEY.fullmatch(chain) else None


def set_differs(seen, joined):
    """The lines that tell of a difference, by `joined`; nothing where there is none. Missing where nobody could tell."""
    section = seen.sections.get('sbtc.set')
    if section is None or section.code not in (0, 1):
        said = (section.err.strip() or section.out.strip()) if section else ''
        raise Missing(said.removeprefix('sbtc-set: ') or 'the signer set was not compared')
    if section.code == 0:
        return ''
    lines = [line.removeprefix('sbtc-set: ') for line in section.out.splitlines() if line.startswith('sbtc-set: ')]
    if not lines:
        raise Missing('sbtc.set tells no difference')
    return joined(lines)


def level(seen):
    """Stacks height, how far the peers are ahead or None, and Bitcoin height, as the sBTC signer's node tells them."""
    node = mapping(state(seen).get('node'), 'the node does not answer: sbtc.state')
    health = state(seen).get('health')
    known = isinstance(health, dict) and health.get('max_stacks_neighbor_address') is not None
    behind = health.get('difference_from_max_peer') if known else None
    numbers = [node.get('stacks_tip_height'), node.get('burn_block_height'), *([behind] if known else [])]
    if any(isinstance(one, bool) or not isinstance(one, int) for one in numbers):
        raise Missing('sbtc.state has no heights')
    return numbers[0], behind, numbers[1]


@check('sbtc-bitcoin-syncing', 'A bitcoind of the sBTC signer that still reads the chain', 'Wait: from nothing it takes days. `make logs S=sbtc-bitcoind` where it does not move.', level='wait', needs=('sbtc-bitcoind',), because=DOWN)
def sbtc_bitcoin_syncing(seen):
    if seen.answer('sbtc.bitcoin').get('initialblockdownload') is not True:
        return None
    return f'at block {seen.number("sbtc.bitcoin", "blocks")} of {seen.number("sbtc.bitcoin", "headers")}'


@check('sbtc-node-behind', 'A node of the sBTC signer that is behind its peers', 'After a stop it catches up by itself; the log of its node says whether it does.', level='wait', needs=HERE, because=('sbtc-bitcoin-syncing', *DOWN))
def sbtc_node_behind(seen):
    stacks, behind, _ = level(seen)
    return f'at Stacks block {stacks}, {behind} behind its highest peer' if behind is not None and behind > 10 else None


@check('sbtc-silent', 'An sBTC signer, or its blocklist client, that does not answer', '`make logs S=sbtc-signer`, `make logs S=blocklist-client`. A part that fails ends the signer with exit code 0; without its database it ends at once.', needs=HERE, because=DOWN)
def sbtc_silent(seen):
    return '; '.join(answers(seen)) or None


@check('sbtc-set-differs', 'A signer set or threshold that is not that of the chain', 'Stop sbtc-signer: it would try to make a new key with the others. Ask them and the sBTC team what holds, write that into answers.env, generate, `make sbtc-set`.', needs=HERE)
def sbtc_set_differs(seen):
    return plain(set_differs(seen, lambda lines: lines[0] + (f' (and {len(lines) - 1} more)' if len(lines) > 1 else ''))) or None


@check('sbtc-key-differs', 'An sBTC signer whose newest key is not that of the contract', 'Right while a rotation is under way, which takes a tenure or more. For hours: this signer missed one. Tell the sBTC team, and keep its database.', level='risk', needs=HERE, because=('sbtc-silent', 'sbtc-set-differs'))
def sbtc_key_differs(seen):
    return Found('dkg.current_aggregate_key is not dkg.contract_aggregate_key in `make sbtc-info`') if key_matches(seen) is False else None
