"""Faults that containers show: what runs, as what, and whether it is what the files say."""

import json
import re

from evidence import ONE_SHOTS, Missing, mapping, moment
from verdict import Found, table

CHECKS = []
check = table(CHECKS)

LONG = ('snapshot', 'bitcoind', 'node-tls', 'stacks-signer', 'signer-tls', 'stacks-node',
        'postgres', 'blocklist-client', 'sbtc-snapshot', 'sbtc-bitcoind', 'sbtc-signer', 'sbtc-stacks-node', 'sbtc-watch')
NODES = ('stacks-node', 'sbtc-stacks-node')
ENDS_WHEN_DONE = ('snapshot', 'sbtc-snapshot')
EXITS = {132: 'an instruction that this processor does not know', 137: 'killed', 139: 'a crash', 101: 'a panic', 125: 'Docker could not start it', 127: 'no such program'}
# Each config is read at the start: what is wrong with it stands in the last lines.
REFUSED = re.compile(r'Invalid config file: |Invalid config: |unknown field|Failed to load config|missing field|\[emerg\]|Error reading configuration file|Error parsing command line')


def objects(seen, name):
    found = []
    for line in seen.text(name).splitlines():
        try:
            found.append(mapping(json.loads(line), name))
        except (ValueError, RecursionError):
            raise Missing(f'{name} is no JSON') from None
    return found


def neighbours(seen):
    """Every container of the engine that is not one of this stack."""
    own = {one.get('id') for one in seen.containers.values()}
    return [one for one in objects(seen, 'neighbours') if one.get('id') not in own]


def mounted(one):
    return {mount.get('Name') for mount in one.get('mounts') or [] if isinstance(mount, dict) and mount.get('Type') == 'volume'}


@check('init-failed', 'init did not succeed, so nothing may start', 'Mend what it names, then `make up`.')
def init_failed(seen):
    said = seen.last_words('init', 'init: ')
    return said[-1] if said else None


@check('second-signer', 'Another signer with the same key on this engine', 'Stop one of the two at once: one key must never run twice. `docker ps` shows both.', needs=('stacks-signer',))
def second_signer(seen):
    keys = {str(seen.fact('public_key')).lower()}
    if seen.has('signer.info'):
        keys.add(str(seen.answer('signer.info').get('signerPublicKey', '')).lower().removeprefix('0x'))
    keys.discard('')
    silent = None
    for line in seen.text('other-signers').splitlines():
        name, _, answer = line.partition(' ')
        found = re.search(r'"signerPublicKey": *"(?:0x)?([0-9a-fA-F]{66})"', answer)
        if found and found[1].lower() in keys:
            return f'{name} answers with the same public key'
        silent = silent if found else name
    volume = {name for name in mounted(seen.containers.get('stacks-signer') or {}) if str(name).endswith(('signer-config', 'signer-data'))}
    for one in neighbours(seen):
        if one.get('running') and volume & mounted(one) and 'signer' in str(one.get('path')):
            return f'{one.get("name")} runs on the volume of this signer'
    return Found(f'{silent} runs too and does not tell its key', level='risk', remedy='Find out whose it is: one key must never run twice.') if silent else None


@check('two-nodes', 'Two programs on one volume of a chain', 'Stop the one that does not belong here: two on one database damage it.', needs=('stacks-node', 'bitcoind'))
def two_nodes(seen):
    for service, volume in (('stacks-node', 'stacks-node-data'), ('bitcoind', 'bitcoin-data')):
        own = {name for name in mounted(seen.containers.get(service) or {}) if str(name).endswith(volume)}
        for one in neighbours(seen):
            writes = any(mount.get('Name') in own and mount.get('RW') for mount in one.get('mounts') or [] if isinstance(mount, dict))
            if one.get('running') and writes and one.get('service') not in ('snapshot', 'init'):
                return f'{one.get("name")} writes {", ".join(sorted(map(str, own)))} beside {service}'
    return None


@check('secrets-changed', 'secrets/ or config/ differ from what init has filled in', '`make restart` takes what the files say now. If you did not change them, find out who did.', because=('init-failed', 'secrets-missing', 'token-mismatch', 'wrong-key'))
def secrets_changed(seen):
    answer = seen.answer('filled')
    if answer.get('refused'):
        return str(answer['refused'])
    files = mapping(answer.get('files'), 'filled')
    bad = [f'{name} {state}' for name, state in sorted(files.items()) if state != 'same']
    if not files:
        raise Missing('no volume was compared')
    return ', '.join(bad) or None


@check('config-refused', 'A program that refuses its configuration', '`make check-config` lets each program say what is wrong; mend it in answers.env and generate again.', because=('init-failed', 'secrets-changed'))
def config_refused(seen):
    for service in LONG:
        one = seen.containers.get(service) if seen.here(service) else None
        if one is None or (one['status'] == 'running' and not one.get('restarts')):
            continue
        said = [line.text for line in seen.log(service)[-40:] if REFUSED.search(line.text)]
        if said:
            return f'{service}: {said[-1][:300]}'
    return None


@check('out-of-memory', 'A container that the kernel has killed for its memory', 'A container that reached its own mem_limit: raise it in docker-compose.override.yml. Else more memory, or less beside it. A killed database may need long to recover.', because=('memory',))
def out_of_memory(seen):
    hit = [service for service, one in seen.containers.items() if one.get('oom') is True]
    return f'{", ".join(sorted(hit))}: OOMKilled' if hit else None


@check('illegal-instruction', 'A program that the processor cannot run', 'See avx2; or the image is for another platform than this machine: PLATFORM in answers.env.', because=('avx2',))
def illegal_instruction(seen):
    for service, one in sorted(seen.containers.items()):
        if one.get('exit') == 132 or 'exec format error' in str(one.get('error')):
            return f'{service} ended with {one.get("exit")} {one.get("error") or ""}'
        if seen.has(f'logs.{service}') and any('exec format error' in line.text or 'Illegal instruction' in line.text for line in seen.log(service)[-20:]):
            return f'{service} says it in its log'
    return None


@check('half-chain', 'Half a chain: the node has chainstate/ but not burnchain/sortition/', 'Throw the node\'s data away and fetch the archive again: README, "Recovery".', needs=('stacks-node',))
def half_chain(seen):
    parts = mapping(seen.answer('filled').get('chain'), 'chain')
    if not {'chainstate', 'sortition'} <= parts.keys():
        raise Missing('the chain\'s folders were not looked at')
    return 'chainstate/ is there, burnchain/sortition/ is not' if parts['chainstate'] and not parts['sortition'] else None


PANIC = 'Process abort due to thread panic: '
# A line that the program's own log begins: what comes before it still belongs to the panic.
OWN_LINE = re.compile(r'(TRCE|DEBG|INFO|WARN|ERRO|CRIT) \[|\{"|Panic backtrace|stack backtrace:')


def panic_of(seen, service):
    """The last panic of a node that was started again or has ended, with its reason; None where there is none. Since Rust 1.73 the reason stands on the lines after the place."""
    one = seen.containers.get(service) if seen.here(service) else None
    if one is None or (one['status'] == 'running' and not one.get('restarts')):
        return None
    log = [line.text for line in seen.log(service)[-200:]]
    at = max((index for index, text in enumerate(log) if PANIC in text), default=None)
    if at is None:
        return None
    reason = []
    for text in log[at + 1:at + 6]:
        if OWN_LINE.match(text):
            break
        reason.append(text.strip())
    return ' '.join([log[at][:200], *reason])[:600]


def panics(seen):
    return [(service, text) for service in NODES for text in [panic_of(seen, service)] if text]


@check('retcon-epoch', 'A chain that was made with other epochs: by another release, or for another network', 'NETWORK and the release in answers.env must be those that made this chain. If they are right, the chain is of no use: README, "Recovery": the Stacks chain.', needs=NODES)
def retcon_epoch(seen):
    said = [f'{service}: {text}' for service, text in panics(seen) if 'tried to retcon epoch' in text]
    return said[0] if said else None


@check('node-panic', 'A node that panics', 'The text is the cause. A damaged chain: README, "Recovery".', needs=NODES, because=('half-chain', 'disk-full', 'config-refused', 'illegal-instruction', 'retcon-epoch'))
def node_panic(seen):
    said = [text if service == 'stacks-node' else f'{service}: {text}' for service, text in panics(seen)]
    return said[0] if said else None


@check('signer-ended', 'A signer that ends by itself, with exit code 0', 'The lines before "Event receiver thread joined" say why; POST /shutdown from its network is one way: see that nothing else is on signer-link.',
       needs=('stacks-signer',), because=('config-refused', 'out-of-memory'))
def signer_ended(seen):
    one = seen.container('stacks-signer')
    said = [line for line in seen.log('stacks-signer') if 'Event receiver thread joined' in line.text or 'Signer thread joined' in line.text]
    if one['status'] == 'exited' and one.get('exit') == 0:
        return f'exited (0) at {one.get("finished")}' + (f': {said[-1].text}' if said else '')
    if one.get('restarts') and said and said[-1].at > seen.now - 3600:
        return f'started {one["restarts"]} times again; last: {said[-1].text}'
    return None


ENDS = ('init-failed', 'sbtc-upgrade-dump-failed', 'config-refused', 'out-of-memory', 'illegal-instruction', 'retcon-epoch', 'node-panic', 'signer-ended', 'disk-full', 'half-chain', 'secrets-missing', 'bitcoin-damaged')


@check('restarting', 'A container that starts again and again', '`make logs S=SERVICE`: the last lines before the restart say why.', because=ENDS)
def restarting(seen):
    for service in LONG:
        one = seen.containers.get(service) if seen.here(service) else None
        if one is None:
            continue
        young = one['status'] == 'running' and seen.now - moment(str(one.get('started'))) < 600
        if one['status'] == 'restarting' or (isinstance(one.get('restarts'), int) and one['restarts'] >= 3 and young):
            last = seen.log(service)[-1].text[:200] if seen.has(f'logs.{service}') and seen.log(service) else 'no log'
            return f'{service}: {one.get("restarts")} restarts, exit code {one.get("exit")} {EXITS.get(one.get("exit"), "")}; last line: {last}'
    return None


@check('not-running', 'A service that does not run', '`make up`. If you stopped it, that is what this says.', because=(*ENDS, 'compose-file'))
def not_running(seen):
    there = seen.containers
    bad = []
    for service in seen.services:
        one = there.get(service)
        if one is None:
            bad.append(f'{service} has no container')
        elif service not in ONE_SHOTS and one['status'] not in ('running', 'restarting') and not (service in ENDS_WHEN_DONE and one.get('exit') == 0):
            bad.append(f'{service} is {one["status"]} ({one.get("exit")}{", " + str(one["error"]) if one.get("error") else ""})')
    return '; '.join(bad) or None


@check('unhealthy', 'A program that runs but does not answer its health check', '`make logs S=SERVICE`; README, "What health means".', because=ENDS)
def unhealthy(seen):
    bad = [service for service in seen.services if not (service == 'stacks-signer' and seen.standby) and (seen.containers.get(service) or {}).get('health') == 'unhealthy']
    return ', '.join(bad) or None


@check('logs-unbounded', 'A log that may fill the disk', 'Remove `logging` from docker-compose.override.yml, then `make restart`.', level='risk')
def logs_unbounded(seen):
    for service, one in sorted(seen.containers.items()):
        log = one.get('log') or {}
        size = str((log.get('Config') or {}).get('max-size') or '-1')
        if log.get('Type') == 'json-file' and size.startswith('-'):
            return f'{service}: {log.get("Type")} without max-size'
    return None
