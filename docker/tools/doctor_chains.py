"""Faults of Bitcoin, of the snapshot and of the node."""

import re

from evidence import Missing, TooSoon
from verdict import Found, table

CHECKS = []
check = table(CHECKS)

BITCOIN = ('bitcoind',)
NODE = ('stacks-node',)
DOWN = ('not-running', 'restarting', 'config-refused', 'out-of-memory', 'disk-full')
LAG = 10  # Stacks blocks behind the best known neighbour
QUIET = 15 * 60  # blocks come in seconds


@check('bitcoin-damaged', 'A damaged Bitcoin chain, or a disk that fails', 'README, "Recovery": the Bitcoin chain.', needs=BITCOIN, because=('disk-full',))
def bitcoin_damaged(seen):
    texts = ('Corrupted block database', 'Fatal LevelDB error', 'Error opening block database', 'Please restart with -reindex', 'Disk space is too low', 'A fatal internal error occurred')
    said = [line.text for line in seen.log('bitcoind')[-400:] if any(text in line.text for text in texts)]
    return said[-1] if said else None


@check('bitcoin-silent', 'A bitcoind that runs and does not answer', '`make logs S=bitcoind`: it may still load its index, which takes minutes.', needs=BITCOIN, because=(*DOWN, 'bitcoin-damaged'))
def bitcoin_silent(seen):
    if not seen.running('bitcoind'):
        raise Missing('bitcoind does not run')
    if seen.has('bitcoin.chain'):
        return None
    section = seen.sections.get('bitcoin.chain')
    last = section.err.strip().splitlines()[-1] if section and section.err.strip() else 'no answer'
    return Found(last, level='wait' if 'Loading' in last or 'Verifying' in last or 'error code: -28' in last else 'fault')


@check('wrong-network', 'Programs that are on different networks', 'NETWORK in answers.env says which is meant; generate again, and remove what the override changes.', needs=('bitcoind', 'stacks-node', 'stacks-signer'))
def wrong_network(seen):
    main = seen.fact('network') == 'mainnet'
    told = []
    if seen.has('bitcoin.chain'):
        told.append(('bitcoind', seen.answer('bitcoin.chain').get('chain'), seen.fact('bitcoin_chain')))
    if seen.has('node.info'):
        told.append(('stacks-node', seen.answer('node.info').get('network_id'), int(seen.fact('network_id', '0'))))
    if seen.has('signer.info'):
        told.append(('stacks-signer', str(seen.answer('signer.info').get('network')).lower(), 'mainnet' if main else 'testnet'))
    for name, lines in config_files(seen).items():
        for key, value in lines:
            if (name, key) == ('config/node-config.toml', 'mode') and (value == 'mainnet') != main:
                told.append(('config/node-config.toml', value, seen.fact('chain_directory')))
            if (name, key) == ('config/signer-config.toml', 'network') and (value == 'mainnet') != main:
                told.append(('config/signer-config.toml', value, seen.fact('network')))
    bad = [f'{name} is on {is_on}, meant is {meant}' for name, is_on, meant in told if is_on != meant]
    if not told:
        raise Missing('nothing answers')
    return '; '.join(bad) or None


def config_files(seen):
    """File to the (key, value) lines of it that may be looked at."""
    files, current = {}, None
    if not seen.has('config.lines'):
        return files
    for line in seen.text('config.lines').splitlines():
        if line.startswith('file '):
            current = files.setdefault(line[5:], [])
        elif current is not None and '=' in line:
            key, _, value = line.partition('=')
            current.append((key.strip(), value.strip().strip('"')))
    return files


@check('bitcoin-no-peers', 'A bitcoind without peers', 'See that the machine reaches the internet on Bitcoin\'s port, and that the firewall lets answers back.', needs=BITCOIN, because=('bitcoin-silent',))
def bitcoin_no_peers(seen):
    count = seen.number('bitcoin.network', 'connections_out')
    return f'{count} outbound connections' if count == 0 else None


@check('bitcoin-syncing', 'A Bitcoin chain that is still read', 'Wait; `make status` shows how far it is. From nothing it takes days on mainnet.', level='wait', needs=BITCOIN, because=('bitcoin-no-peers', 'bitcoin-damaged'))
def bitcoin_syncing(seen):
    blocks, headers = seen.number('bitcoin.chain', 'blocks'), seen.number('bitcoin.chain', 'headers')
    progress = seen.number('bitcoin.chain', 'verificationprogress')
    if seen.answer('bitcoin.chain').get('initialblockdownload') is not True and headers - blocks <= 6:
        return None
    return f'block {blocks} of {headers} known, {100 * progress:.2f} % verified'


@check('bitcoin-pruned', 'A bitcoind that has already deleted blocks the node still needs', 'Take the Stacks chain from a newer archive (`make snapshot-refresh CONFIRM=yes`), or BITCOIN_MODE=full.', needs=BITCOIN)
def bitcoin_pruned(seen):
    chain = seen.answer('bitcoin.chain')
    if not chain.get('pruned'):
        return None
    first, at = chain.get('pruneheight'), seen.number('node.info', 'burn_block_height')
    if not isinstance(first, int):
        raise Missing('bitcoind does not tell from where on it has blocks')
    return f'the node is at Bitcoin block {at}, bitcoind has blocks from {first} on' if at < first else None


@check('snapshot-stuck', 'A snapshot that is refused, or does not come', '`make logs S=snapshot`: it tries again by itself, but the reason may be yours to mend.', needs=('snapshot',), because=('disk-full', 'not-running'))
def snapshot_stuck(seen):
    said = seen.text('snapshot.status').strip()
    if said.startswith('waiting: '):
        return said
    if not said:
        raise Missing('the snapshot tells no state')
    return None


@check('snapshot-coming', 'A snapshot that is still on its way', 'Wait; `make status` shows how far it is.', level='wait', needs=('snapshot',), because=('snapshot-stuck',))
def snapshot_coming(seen):
    said = seen.text('snapshot.status').strip()
    return None if said.startswith(('in place', 'waiting: ')) else said or 'it has not begun'


@check('bitcoin-unreachable', 'A node that cannot connect to bitcoind', 'External: check BITCOIN_HOST and BITCOIN_P2P_PORT (the P2P port, not that of RPC), and that it takes connections from here. Own: see bitcoind.', needs=NODE, because=('bitcoin-silent', 'not-running', 'bitcoin-damaged', 'restarting'))
def bitcoin_unreachable(seen):
    log = seen.log_now('stacks-node')
    failed = [line for line in log if any(text in line.text for text in ('Failed to connect to peer ', 'Failed to handshake with ', 'gate: waiting for bitcoind'))]
    good = [line for line in log if 'handshake complete' in line.text or 'Advanced to new tip' in line.text or re.search(r'gate: bitcoind at .*: there', line.text)]
    if failed and not (good and good[-1].at > failed[-1].at) and failed[-1].at > seen.now - 600:
        return failed[-1].text
    return None


@check('node-waits', 'A node that is not started yet, because it waits for something', 'See to what it waits for.', level='wait', needs=NODE, because=('bitcoin-silent', 'snapshot-coming', 'snapshot-stuck', 'bitcoin-unreachable', 'not-running', 'restarting', 'config-refused', 'signer-ended', 'out-of-memory', 'illegal-instruction', 'tls-broken'))
def node_waits(seen):
    if not seen.running('stacks-node'):
        raise Missing('stacks-node does not run')
    gate = [line.text for line in seen.log_now('stacks-node') if line.text.startswith('gate: ')]
    return gate[-1] if gate and gate[-1].startswith('gate: waiting for') and not seen.has('node.info') else None


@check('node-silent', 'A node that runs and whose RPC does not answer', 'After a start it first reads Bitcoin headers: `make logs S=stacks-node`. If it did answer before, `make restart`.', needs=NODE,
       because=('node-waits', 'bitcoin-unreachable', 'bitcoin-syncing', 'observer-failing', *DOWN))
def node_silent(seen):
    if not seen.running('stacks-node'):
        raise Missing('stacks-node does not run')
    if seen.has('node.info'):
        return None
    said = [line.text for line in seen.log_now('stacks-node') if 'Start syncing Bitcoin headers' in line.text or 'Start HTTP server on' in line.text]
    if said and 'syncing Bitcoin headers' in said[-1]:
        return Found('it reads Bitcoin headers', level='wait', remedy='Wait; RPC and P2P open after this.')
    section = seen.sections.get('node.info')
    return section.err.strip().splitlines()[-1] if section and section.err.strip() else 'no answer'


@check('forked-release', 'A release that has left the network, or will', 'Upgrade: `npm create stacks-signer-stack@latest -- upgrade` where the directory is generated. The chain since then must be fetched again.', needs=NODE)
def forked_release(seen):
    leaves = seen.fact('leaves_mainnet')
    if not leaves:
        return None
    release = seen.fact('node_release')
    at = seen.number('node.info', 'burn_block_height') if seen.has('node.info') else seen.number('bitcoin.chain', 'blocks')
    if at >= int(leaves):
        return f'stacks-node {release} left mainnet at Bitcoin block {leaves}; it is at {at}'
    return Found(f'stacks-node {release} leaves mainnet at Bitcoin block {leaves}, {int(leaves) - at:.0f} blocks from now', level='risk')


@check('bad-pair', 'A node and a signer that are known not to work together', 'Take releases that fit: answers.env, without ALLOW_UNSUPPORTED.')
def bad_pair(seen):
    return seen.fact('unsupported') or None


@check('node-behind-bitcoin', 'A node that has fallen behind its bitcoind', '`make logs S=stacks-node`. After a long stop it catches up by itself.', needs=BITCOIN, because=('observer-failing', 'bitcoin-unreachable', 'bitcoin-pruned', 'node-stalled'))
def node_behind_bitcoin(seen):
    at, tip = seen.number('node.info', 'burn_block_height'), seen.number('bitcoin.chain', 'blocks')
    return f'the node is at Bitcoin block {at}, bitcoind at {tip}' if tip - at > 2 else None


@check('node-stalled', 'A Stacks chain that stands still', 'If observer-failing is found too, the signer is away. Else compare with an explorer: the network may stand still itself.', needs=NODE, because=('observer-failing', 'bitcoin-unreachable', 'forked-release', 'bitcoin-syncing'))
def node_stalled(seen):
    if not seen.has('node.info'):
        raise Missing('the node does not answer')
    if seen.started('stacks-node') > seen.now - QUIET:
        raise TooSoon('the node has not run for 15 minutes')
    tips = [line for line in seen.log('stacks-node', 'marks') if 'Advanced to new tip' in line.text]
    if not tips:
        raise Missing('the log tells of no tip')
    quiet = seen.now - tips[-1].at
    return f'the last new tip was {quiet / 60:.0f} minutes ago' if quiet > QUIET else None


@check('node-behind', 'A node that is behind its peers', 'Wait, if it catches up; else see its disk and processor, and the faults above.', needs=NODE, because=('node-stalled', 'node-behind-bitcoin', 'observer-failing'), free=True)
def node_behind(seen):
    health = seen.answer('node.health')
    behind = health.get('difference_from_max_peer')
    if health.get('max_stacks_neighbor_address') is None or not isinstance(behind, int):
        raise Missing('the node knows no neighbour to compare with')
    return f'{behind} Stacks blocks behind {health["max_stacks_neighbor_address"]}' if behind > LAG else None


@check('p2p-unreachable', 'P2P ports that peers cannot reach', 'From another machine: `nc -vz ADDRESS 20444`.', needs=NODE, free=True)
def p2p_unreachable(seen):
    raise Missing('whether peers reach this machine cannot be told from inside')
