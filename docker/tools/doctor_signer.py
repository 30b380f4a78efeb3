"""Faults of the link between node and signer, and of signing itself."""

import re

from doctor_chains import config_files
from evidence import Missing, TooSoon, mapping
from verdict import Found, table

CHECKS = []
check = table(CHECKS)

NODE, SIGNER = ('stacks-node',), ('stacks-signer',)
DOWN = ('not-running', 'restarting', 'config-refused', 'out-of-memory', 'signer-ended')
EVENTS = ('stackerdb', 'block_proposal', 'burn_blocks')


@check('other-instance', 'Another instance that signs with this key', 'Stop that one at once, and see that no reboot starts it: make demote on its host. Then `make guard-again` here.', needs=('guard',))
def other_instance(seen):
    state, words = seen.guard
    return words if state == 'refused' else None


@check('guard-watches', 'A signer that is not started yet, because the guard still looks whether another one signs', '`make logs S=guard`. It needs a node that is level with the chain, and a few minutes then.', level='wait',
       needs=('guard',), because=('node-waits', 'node-silent', 'node-behind-bitcoin', 'snapshot-coming', 'not-running', 'restarting'))
def guard_watches(seen):
    state, words = seen.guard
    return words if state in ('waiting', 'watching') else None


@check('guard-off', 'A guard that is off', 'Nobody looks whether another signer runs with this key. Leave DOPPELGANGER_GUARD out of answers.env and generate, unless something else makes sure of it.', level='risk', needs=('guard',))
def guard_off(seen):
    return 'DOPPELGANGER_GUARD=off stands in answers.env' if seen.fact('guard') == 'off' else None


@check('role-changed', 'A role that answers.env does not say', 'Write the ROLE that this host has now into answers.env, generate, and commit: the other host likewise.', level='risk', needs=('guard',))
def role_changed(seen):
    now = 'standby' if seen.guard[0] == 'standby' else 'active'
    answered = 'active' if seen.fact('role') == 'active' else 'standby'
    return None if now == answered else f'this host is {now}, ROLE={answered} stands in answers.env'


def alone(seen):
    """Whether the node rightly runs without its observer: on a standby, or while the guard has not let the signer start."""
    if seen.fact('role') != 'active' and not seen.has('guard.verdict'):
        return True
    return seen.has('guard.verdict') and seen.guard[0] != 'passed'


@check('tls-broken', 'A TLS link that does not hold', '`make certs-status`, `make verify-tls`. Run out: `certs renew`. Another authority: bring certs/ and secrets/ of one run to both hosts, then `make tls-reload`.', needs=('node-tls', 'signer-tls'), because=('not-running', 'restarting'))
def tls_broken(seen):
    section = seen.sections.get('tls.wire')
    if section is None or section.code not in (0, 1) or not section.out.strip():
        raise Missing(f'the certificates could not be read from the wire: {(section.err.strip() if section else "") or "not asked"}')
    failed = [' '.join(line.split()) for line in section.out.splitlines() if ' FAIL ' in line]
    if failed:
        return failed[0]
    soon = [' '.join(line.split()) for line in section.out.splitlines() if ' warn ' in line]
    if soon:
        return Found(soon[0], level='risk')
    if section.code != 0:
        raise Missing('the certificates are not all valid')
    return None


@check('tls-refused', 'A sidecar that refuses the other one', 'The other host shows a certificate of another authority, or of another name: bring certs/ and secrets/ of one run to both hosts.', needs=('node-tls', 'signer-tls'), because=('tls-broken',))
def tls_refused(seen):
    for service in ('node-tls', 'signer-tls'):
        if not seen.here(service):
            continue
        said = [line for line in seen.log_now(service) if 'SSL certificate verify error' in line.text or 'client SSL certificate' in line.text]
        if said and said[-1].at > seen.now - 900:
            return f'{service}: {said[-1].text[:200]}'
    return None


@check('call-refused', 'A call between signer and node that a sidecar does not know, and refuses', 'Generate the directory again for the releases that run, on both hosts; then `make restart S=node-tls` and the same for signer-tls.', needs=('node-tls', 'signer-tls'), because=('release-drift', 'drift'))
def call_refused(seen):
    for service in ('node-tls', 'signer-tls'):
        if not seen.here(service):
            continue
        said = [found[1] for line in seen.log_now(service) if line.at > seen.now - 3600 and (found := re.search(r' 403 "(.*)" from .* upstream -$', line.text))]
        if said:
            return f'{service}: {len(said)} within the last hour, the last was {said[-1][:200]}'
    return None


@check('observer-config', 'A node that is not told to tell the signer', 'Remove what changes [[events_observer]], `stacker` or `auth_token` in config/node-config.toml: generate again.', needs=NODE)
def observer_config(seen):
    lines = config_files(seen).get('config/node-config.toml')
    if not lines:
        raise Missing('config/node-config.toml could not be read')
    endpoints = [value for key, value in lines if key == 'endpoint']
    keys = ' '.join(value for key, value in lines if key == 'events_keys')
    if not endpoints:
        return 'there is no [[events_observer]]'
    if seen.fact('observer') not in endpoints:
        return f'the observer is {", ".join(endpoints)}, the signer is {seen.fact("observer")}'
    lacking = [] if '"*"' in keys else [name for name in EVENTS if f'"{name}"' not in keys]
    if lacking:
        return f'events_keys lacks {", ".join(lacking)}'
    if ('stacker', 'true') not in lines:
        return '`stacker = true` is missing: the node keeps no copy of the signers\' messages'
    if not any(key == 'auth_token' for key, _ in lines):
        return '`auth_token` is not the placeholder that init fills: the node then takes no proposals'
    return 'disable_retries is on: what the signer misses is lost' if ('disable_retries', 'true') in lines else None


@check('observer-not-registered', 'A node that runs without its event observer, or with another one', '`make restart`; config/node-config.toml must name the signer in [[events_observer]].', needs=NODE, because=('observer-config', 'node-waits', 'secrets-changed', 'not-running', 'restarting', 'config-refused'))
def observer_not_registered(seen):
    if not seen.running('stacks-node'):
        raise Missing('stacks-node does not run')
    if alone(seen):
        return None
    section = seen.sections.get('node.observes')
    if section is None or section.code not in (0, 1, 4):
        raise Missing(f'whether the node has its observer: {(section.err.strip() if section else "") or "not asked"}')
    if section.code == 4:
        return Found(section.err.strip(), level='wait', remedy='See to the signer; the node starts again with its observer as soon as that is there.')
    return section.err.strip() if section.code else None


@check('observer-failing', 'A node that cannot hand its events to the signer, and stands still', '`make start S=stacks-signer`; the node goes on by itself. On another host: `make verify-tls`.', needs=NODE, because=(*DOWN, 'tls-broken', 'tls-refused', 'observer-config'))
def observer_failing(seen):
    log = seen.log_now('stacks-node')
    failed = [line for line in log if 'Event dispatcher: connection or request failed to' in line.text]
    tips = [line for line in log if 'Advanced to new tip' in line.text]
    if failed and failed[-1].at > seen.now - 600 and not (tips and tips[-1].at > failed[-1].at + 5):
        return failed[-1].text
    return None


@check('token-mismatch', 'A token of the signer that the node does not take', '`make restart` fills both configs from secrets/auth-token. On two hosts secrets/auth-token must be the same on both.', because=('init-failed',))
def token_mismatch(seen):
    if seen.has('filled') and seen.answer('filled').get('tokensEqual') is False:
        return 'the tokens in the configs of node and signer differ'
    if seen.here(*SIGNER):
        log = seen.log_now('stacks-signer')
        bad = [line for line in log if re.search(r'rejected: 401|\(401\)|401 Unauthorized|status code:? 401', line.text)]
        good = [line for line in log if re.search(r'accepted: 202|Broadcasting block response', line.text)]
        if bad and not (good and good[-1].at > bad[-1].at):
            return bad[-1].text
    if seen.here(*NODE) and seen.here(*SIGNER) and seen.answer('filled').get('tokensEqual') is not True:
        raise Missing('the tokens were not compared')
    return None


@check('wrong-key', 'A signer with another key than the one it is generated for', 'Put the right key into secrets/signer-private-key, then `make restart`. If the new one is meant: it signs nothing before it is registered.', needs=SIGNER)
def wrong_key(seen):
    wanted = seen.fact('public_key').lower()
    told = []
    if seen.has('signer.info'):
        told.append(('the running signer', str(seen.answer('signer.info').get('signerPublicKey', '')).lower().removeprefix('0x')))
    if seen.has('filled'):
        keys = mapping(seen.answer('filled').get('publicKeys'), 'filled')
        told += [(place, str(key).lower()) for place, key in sorted(keys.items())]
    if not told:
        raise Missing('neither signer nor volume tells a key')
    # Where the key was not known at generation, all places must at least agree.
    wanted = wanted or told[-1][1]
    bad = [f'{place} has {key[:12]}…' for place, key in told if key != wanted]
    return f'{"; ".join(bad)}; meant is {wanted[:12]}…' if bad else None


@check('signer-silent', 'A signer that runs and does not answer', '`make logs S=stacks-signer`; its metrics port answers only after its first call to the node.', needs=SIGNER, because=(*DOWN, 'node-silent', 'node-waits'))
def signer_silent(seen):
    if not seen.running('stacks-signer'):
        raise Missing('stacks-signer does not run')
    if seen.has('signer.info'):
        return None
    section = seen.sections.get('signer.info')
    return section.err.strip().splitlines()[-1] if section and section.err.strip() else 'no answer'


NOT_BEGUN = 'Failed to initialize signer runloop'
# It says so about every ten seconds; after so long it is no longer just waiting for its node to come up.
TOO_LONG = 180


def not_begun(seen, lines):
    """For how many seconds the signer has said without a break in these lines that it cannot begin; None where it does not say so now."""
    since, last = None, None
    for line in lines:
        if line.at < seen.started('stacks-signer') - 1:
            continue
        if NOT_BEGUN in line.text:
            since, last = since or line.at, line
        elif 'registered for reward cycle' in line.text or 'Broadcasting block response' in line.text:
            since = None
    return seen.now - since if since and last.at > seen.now - 60 else None


@check('signer-not-begun', 'A signer that runs and cannot begin, though its health check calls it healthy', 'See the node: the signer begins when its RPC answers and its chain has Stacks blocks. `make logs S=stacks-signer` says what it lacks.', needs=SIGNER,
       because=(*DOWN, 'node-silent', 'node-waits', 'node-unreachable', 'token-mismatch', 'tls-broken', 'tls-refused'))
def signer_not_begun(seen):
    if not seen.running('stacks-signer'):
        raise Missing('stacks-signer does not run')
    age = not_begun(seen, seen.log('stacks-signer'))
    if age is None:
        return None
    said = [line.text for line in seen.log_now('stacks-signer') if NOT_BEGUN in line.text][-1]
    return Found(f'for {age / 60:.0f} minutes: {said[:300]}', level='' if age >= TOO_LONG else 'wait')


@check('node-unreachable', 'A signer that cannot reach its node', 'See the node; `node_host` in config/signer-config.toml must be the node, or the own sidecar. On another host: `make verify-tls`.', needs=SIGNER,
       because=('node-silent', 'node-waits', 'not-running', 'restarting', 'tls-broken', 'tls-refused', 'signer-silent'))
def node_unreachable(seen):
    lines = config_files(seen).get('config/signer-config.toml') or []
    hosts = [value for key, value in lines if key == 'node_host']
    if hosts and seen.fact('node_host') not in hosts:
        return f'node_host is {hosts[0]}, the node is {seen.fact("node_host")}'
    section = seen.sections.get('signer.heartbeat')
    if section is None:
        raise Missing('the signer was not asked')
    if section.code == 0:
        return None
    if 'status 500' in section.err or 'server returned error: HTTP/1.1 500' in section.err:
        return 'the signer\'s /heartbeat says that its node does not answer'
    raise Missing(f'/heartbeat: {section.err.strip() or section.code}')


def counter(seen, name):
    """The sum over all labels; a series that never had an event does not exist, and counts 0."""
    values = re.findall(rf'^stacks_signer_{name}(?:\{{[^}}]*\}})? ([0-9.e+]+)$', seen.text('signer.metrics'), re.MULTILINE)
    return sum(map(float, values))


def registration(seen):
    """(cycle, weight or None, threshold) for this cycle and the next; weight 0 where the set is known and we are not in it."""
    key = seen.fact('public_key').lower()
    cycle = seen.number('node.pox', 'reward_cycle_id')
    result = []
    for number, name in ((int(cycle), 'node.set'), (int(cycle) + 1, 'node.next-set')):
        weight = None
        if key and seen.has(name):
            listed = mapping(seen.answer(name).get('stacker_set'), name).get('signers')
            if isinstance(listed, list):
                weight = sum(one.get('weight', 1) for one in listed if isinstance(one, dict) and str(one.get('signing_key', '')).lower().removeprefix('0x') == key)
        result.append((number, weight))
    return result


REGISTRATION = re.compile(r'(?P<is>is|not) registered for reward cycle (?P<cycle>\d+)|current_reward_cycle: (?P<current>\d+).*registered_for_current: (?P<said>true|false)')


def registration_in(lines):
    """The newest that lines of the signer's log say: (cycle, whether registered). The signer says it at each Bitcoin block."""
    found = [one for line in lines if (one := REGISTRATION.search(line.text))]
    return (int(found[-1]['cycle'] or found[-1]['current']), 'is' in (found[-1]['is'] or '') or found[-1]['said'] == 'true') if found else None


@check('not-registered', 'A signer without a seat in this reward cycle', 'Right for a new signer and for one below the threshold. Else the registration is for another key: compare `make signer-info` with it. README, "Registering the signer".',
       level='risk', needs=(*NODE, *SIGNER), because=('wrong-key', 'node-silent', 'wrong-network'))
def not_registered(seen):
    said = registration_in(seen.log('stacks-signer', 'marks')) if seen.has('marks.stacks-signer') else None
    try:
        (now, weight), (following, later) = registration(seen)
    except Missing:
        now = weight = later = following = None
    if weight is None:
        if said is None:
            raise Missing('neither the node nor the signer\'s log tells')
        return None if said[1] else f'the signer says that it is not registered for cycle {said[0]}'
    if weight > 0:
        return None
    return f'its key is not in the signer set of cycle {now}' + (f', but in that of {following}' if later else '')


@check('no-proposals', 'A registered signer that gets no proposals', 'The node does not hand them on: see the faults of the observer, or that `stacker = true` stands in its config.', needs=SIGNER, because=('not-registered', 'observer-not-registered', 'observer-failing', 'node-stalled', 'node-silent', 'observer-config'))
def no_proposals(seen):
    if seen.started('stacks-signer') > seen.now - 3600:
        raise TooSoon('the signer has not run for an hour')
    return 'no proposal since its start' if counter(seen, 'block_proposals_received') == 0 and not_registered(seen) is None else None


@check('no-responses', 'A signer that gets proposals and answers none', '`make logs S=stacks-signer` says why a response is not sent.', needs=SIGNER, because=('token-mismatch', 'wrong-key', 'node-unreachable', 'not-registered', 'tls-broken'))
def no_responses(seen):
    got, sent = counter(seen, 'block_proposals_received'), counter(seen, 'block_responses_sent')
    return f'{got:.0f} proposals, no response' if got > 3 and sent == 0 else None
