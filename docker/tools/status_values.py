"""What status tells: a row for each container, and a line for each thing that an operator wants to know."""

import re

from doctor_backup import state_of_backup, state_of_dumps
from doctor_exposure import composed
from doctor_host import GB, disks
from doctor_logs import journal_trouble
from doctor_sbtc import answers, key_matches, level, set_differs
from doctor_signer import TOO_LONG, counter, not_begun, registration, registration_in
from evidence import ONE_SHOTS, Missing, log_line, moment

VALUES = []


def line(name, *needs):
    def add(read):
        VALUES.append((name, needs, read))
        return read
    return add


def duration(seconds):
    for unit, length in (('days', 86400), ('h', 3600), ('min', 60)):
        if seconds >= 2 * length:
            return f'{seconds / length:.0f} {unit}'
    return f'{max(0, seconds):.0f} s'


def tag(image):
    """What a person calls the version of an image: its tag, without digest and repository."""
    name = str(image or '').partition('@')[0]
    last = name.rpartition('/')[2]
    return last.partition(':')[2] or last


def containers(seen):
    """Rows in the order of the file. A service without a container has one too."""
    there = seen.containers
    try:
        wanted = composed(seen)
    except Missing:
        wanted = {}
    programs = {'stacks-node': ('node.info', 'server_version'), 'stacks-signer': ('signer.info', 'version')}
    rows = []
    for service in [*seen.services, *sorted(set(there) - set(seen.services))]:
        one = there.get(service, {})
        pinned = tag(wanted.get(service, {}).get('image'))
        runs = tag(one.get('image')) if one else ''
        section, key = programs.get(service, ('', ''))
        if section and seen.has(section):
            said = re.search(r'\b\d+(?:\.\d+){2,5}\b', str(seen.answer(section).get(key, '')))
            runs = said[0] if said else runs
        same = not one or not wanted.get(service, {}).get('image') or one.get('image') == wanted[service]['image']
        state, fine = state_of(seen, service, one)
        rows.append({'service': service, 'state': state, 'fine': fine and same, 'runs': runs, 'pinned': pinned, 'asPinned': same})
    return rows


def state_of(seen, service, one):
    if not one:
        return 'no container', False
    status, health = one['status'], str(one.get('health') or '')
    if service in ONE_SHOTS:
        done = status == 'exited' and one.get('exit') == 0
        return ('done' if done else f'{status} ({one.get("exit")}): it must succeed first'), done
    if service == 'stacks-signer' and status == 'running' and seen.standby:
        return 'stands by, has no key', True
    if status == 'running':
        age = duration(seen.now - moment(str(one.get('started'))))
        times = one.get('restarts') or 0
        again = f', {times} restart{"" if times == 1 else "s"}' if times else ''
        # Its port answers all the same, so its health check cannot tell.
        waits = not_begun(seen, marks(seen)) if service == 'stacks-signer' and seen.has('signer.marks') else None
        if waits is not None:
            return f'running for {age}{again}, cannot begin', waits < TOO_LONG
        return f'{health or "running"} for {age}{again}', health in ('', 'healthy')
    return f'{status} ({one.get("exit")})', False


@line('snapshot', 'snapshot')
def snapshot(seen):
    said = seen.text('snapshot.status').strip()
    # The checksum is for the log; here it would fill the screen.
    short = re.sub(r' \(sha256 [0-9a-f]+(?:, ([^)]*))?\)', lambda found: f' ({found[1]})' if found[1] else '', said)
    return {'text': short or 'no word yet', 'fine': said.startswith('in place'), 'inPlace': said.startswith('in place')}


@line('bitcoind', 'bitcoind')
def bitcoind(seen):
    blocks, headers = seen.number('bitcoin.chain', 'blocks'), seen.number('bitcoin.chain', 'headers')
    progress = seen.number('bitcoin.chain', 'verificationprogress')
    syncing = seen.answer('bitcoin.chain').get('initialblockdownload') is True
    peers = seen.answer('bitcoin.network').get('connections') if seen.has('bitcoin.network') else None
    told = f'block {blocks} of {headers} known, {100 * min(progress, 1):.2f} % verified' + (f', {peers} peers' if peers is not None else '')
    return {'text': told, 'fine': not syncing, 'block': blocks, 'headers': headers, 'progress': progress, 'syncing': syncing, 'peers': peers}


@line('chain', 'stacks-node')
def chain(seen):
    stacks, burn = seen.number('node.info', 'stacks_tip_height'), seen.number('node.info', 'burn_block_height')
    behind = None
    if seen.has('node.health'):
        health = seen.answer('node.health')
        behind = health.get('difference_from_max_peer') if health.get('max_stacks_neighbor_address') is not None else None
    level = 'no peer to compare with' if behind is None else 'level with its peers' if behind <= 1 else f'{behind} behind its peers'
    return {'text': f'Stacks block {stacks}, {level}; Bitcoin block {burn}', 'fine': behind is None or behind <= 10,
            'stacksBlock': stacks, 'bitcoinBlock': burn, 'behindPeers': behind}


@line('registration', 'stacks-node', 'stacks-signer')
def registered(seen):
    try:
        (now, weight), (following, later) = registration(seen)
    except Missing:
        now = weight = following = later = None
    if weight is None:
        said = registration_in(marks(seen)) if seen.has('signer.marks') else None
        if said is None:
            raise Missing('neither the node nor the signer\'s log tells')
        return {'text': f'{"registered" if said[1] else "not registered"} for cycle {said[0]}, by the signer\'s log',
                'fine': said[1], 'cycle': said[0], 'registered': said[1], 'registeredNext': None}
    told = f'registered for cycle {now} (weight {weight})' if weight else f'not registered for cycle {now}'
    after = f'not known yet for {following}' if later is None else f'{following} too (weight {later})' if later else f'not for {following}'
    return {'text': f'{told}; {after}', 'fine': weight > 0, 'cycle': now, 'registered': weight > 0, 'weight': weight,
            'registeredNext': None if later is None else later > 0}


def marks(seen):
    """Lines of the signer's log that tell of its work."""
    return [one for one in map(log_line, seen.text('signer.marks').splitlines()) if one]


@line('guard', 'guard')
def guard(seen):
    state, words = seen.guard
    answered = 'active' if seen.fact('role') == 'active' else 'standby'
    now = 'standby' if state == 'standby' else 'active'
    drift = '' if now == answered else f'; answers.env still says ROLE={answered}'
    told = 'this host is the standby' if state == 'standby' else f'{state}: {words}'
    return {'text': told + drift, 'fine': state in ('passed', 'standby') and not drift, 'state': state, 'role': now}


@line('signing', 'stacks-signer')
def signing(seen):
    signed = seen.answer('node.signed').get('blocks_signed') if seen.has('node.signed') else None
    got, sent = counter(seen, 'block_proposals_received'), counter(seen, 'block_responses_sent')
    last = [one.at for one in marks(seen) if 'Broadcasting block response' in one.text] if seen.has('signer.marks') else []
    age = seen.now - last[-1] if last else None
    told = [
        *([f'{signed} blocks signed in this cycle'] if isinstance(signed, int) else []),
        f'{sent:.0f} responses to {got:.0f} proposals since its start',
        *([f'last response {duration(age)} ago'] if age is not None else []),
    ]
    return {'text': ', '.join(told), 'fine': got <= 3 or sent > 0, 'blocksSigned': signed, 'proposals': got, 'responses': sent,
            'lastResponseSecondsAgo': None if age is None else round(age)}


@line('certificates', 'node-tls', 'signer-tls')
def certificates(seen):
    section = seen.sections.get('tls.own')
    found = re.findall(r'^(\S+) +(ok|warn|FAIL) +(-?\d+) days left', section.out, re.MULTILINE) if section else []
    if section is None or (not found and 'FAIL' not in section.out):
        raise Missing('the certificates could not be read from the wire')
    days = {name: int(left) for name, _, left in found}
    text = ', '.join(f'{name} {left} days left' for name, left in days.items()) if days else ' '.join(section.out.split())
    return {'text': text, 'fine': section.code == 0 and all(left >= 30 for left in days.values()), 'days': days}


@line('sBTC', 'sbtc-signer')
def sbtc(seen):
    away = answers(seen)
    said = set_differs(seen, '; '.join)
    match = key_matches(seen)
    key = 'newest key not known' if match is None else 'newest key as in the contract' if match else 'newest key not that of the contract'
    return {'text': f'{", ".join(away) or "signer and blocklist answer"}; {key}; set {"differs: " + said if said else "as on the chain"}',
            'fine': not away and not said and match is not False, 'away': away, 'keyMatches': match, 'setDiffers': said or None}


@line('sBTC chain', 'sbtc-signer')
def sbtc_chain(seen):
    stacks, behind, burn = level(seen)
    peers = 'no peer to compare with' if behind is None else 'level with its peers' if behind <= 1 else f'{behind} behind its peers'
    fine = behind is None or behind <= 10
    told = f'Stacks block {stacks}, {peers}; Bitcoin block {burn}'
    if not seen.here('sbtc-bitcoind'):
        return {'text': told, 'fine': fine, 'stacksBlock': stacks, 'behindPeers': behind, 'bitcoinBlock': burn}
    block, progress = seen.number('sbtc.bitcoin', 'blocks'), seen.number('sbtc.bitcoin', 'verificationprogress')
    syncing = seen.answer('sbtc.bitcoin').get('initialblockdownload') is True
    return {'text': f'{told} of {block}, {100 * min(progress, 1):.2f} % verified', 'fine': fine and not syncing, 'stacksBlock': stacks, 'behindPeers': behind,
            'bitcoinBlock': burn, 'bitcoindBlock': block, 'syncing': syncing}


@line('disk')
def disk(seen):
    """Volumes on one file system are one line's worth."""
    places = {}
    for name, size, free, device in disks(seen):
        places.setdefault((device, size, free), []).append(name)
    told = [f'{free / GB:.0f} GB free of {size / GB:.0f} GB' + (f' ({", ".join(names)})' if len(places) > 1 else '') for (_, size, free), names in places.items()]
    # Days left need the growth, which one look cannot know.
    return {'text': '; '.join(told), 'fine': all(free >= 0.10 * size for _, size, free in places), 'daysLeft': None,
            'freeBytes': min(free for _, _, free in places) * 1024}


@line('logs')
def logs(seen):
    days = seen.fact('log_days')
    if not days:
        return {'text': 'in files of Docker, at most 1 GB of each container', 'days': 0}
    fine = journal_trouble(seen) is None
    return {'text': f'in the journal, for {days} days' if fine else f'in the journal, but not for {days} days: sudo make logs-install', 'fine': fine, 'days': int(days)}


@line('backup', 'stacks-signer')
def backup(seen):
    if not seen.here('backup'):
        return {'text': 'no backups are set up', 'ageSeconds': None}
    state = state_of_backup(seen)
    age, trouble = state['age'], state['trouble']
    told = f'{duration(age)} ago, verified' if age is not None else 'none yet'
    sealed = f'secrets sealed {str(state["secrets"])[:10]}' if state['secrets'] else 'without the secrets'
    return {'text': f'{told}, {sealed}' + (f'; {trouble}' if trouble else ''), 'fine': age is not None and age < 26 * 3600 and not trouble,
            'ageSeconds': None if age is None else round(age), 'lastSuccess': state['last'], 'secretsSealed': state['secrets'], 'trouble': trouble}


@line('sbtc-backup', 'sbtc-backup')
def sbtc_backup(seen):
    state = state_of_dumps(seen)
    age, trouble = state['age'], state['trouble']
    told = f'{duration(age)} ago, {state["verdict"] or "not yet looked at"}' if age is not None else 'none yet'
    stored = 'stored' if state['stored'] else 'not yet stored off this host'
    return {'text': f'{told}, {stored}' + (f'; {trouble}' if trouble else ''),
            'fine': age is not None and age < 26 * 3600 and state['proven'] and not trouble,
            'ageSeconds': None if age is None else round(age), 'dump': state['dump'], 'verdict': state['verdict'], 'stored': state['stored'], 'trouble': trouble}
