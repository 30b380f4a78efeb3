"""Faults of what containers may do, from where they are reached, and whether they are those of the files."""

import json
import re

from evidence import Missing, mapping
from verdict import table

CHECKS = []
check = table(CHECKS)

SPEAKING = {'STACKS_LOG_DEBUG', 'STACKS_LOG_TRACE', 'BLOCKSTACK_DEBUG'}
PROXIES = {'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'}
# What of the file makes a container hard; each with what undoes it.
FORBIDDEN = ('host', 'container:')


def composed(seen):
    """What Compose makes of the files: service to the keys that evidence.sh lets through."""
    texts, services = {}, {}
    for line in seen.text('config').splitlines():
        kind, _, rest = line.partition(' ')
        if kind == 'service':
            services[rest] = {}
        elif kind == 'line':
            service, _, content = rest.partition(' ')
            texts.setdefault(service, []).append(content)
    for service, lines in texts.items():
        try:
            services[service] = mapping(json.loads('{' + '\n'.join(lines).rstrip().rstrip(',') + '}'), service)
        except (ValueError, RecursionError):
            raise Missing(f'what Compose makes of {service} cannot be read') from None
    if not services:
        raise Missing('Compose names no service')
    return services


def softened(one):
    """How a container as it was made is softer than the generated one; texts."""
    cap = [str(name).removeprefix('CAP_') for name in one.get('capAdd') or []]
    modes = [f'{name} {one.get(name)}' for name in ('network', 'pid', 'ipc') if str(one.get(name) or '').startswith(FORBIDDEN)]
    security = [str(option) for option in one.get('security') or []]
    return [
        *(['privileged'] if one.get('privileged') else []),
        *modes,
        *([f'capabilities {" ".join(cap)}'] if cap else []),
        *([option for option in security if 'unconfined' in option]),
        *(['the Docker socket'] if any('docker.sock' in str(mount.get('Source')) for mount in one.get('mounts') or [] if isinstance(mount, dict)) else []),
    ]


@check('override-softens', 'An override that undoes the hardening', 'Remove it from docker-compose.override.yml, then `make restart`. What needs such rights does not belong beside a signer\'s key.')
def override_softens(seen):
    for service, one in sorted(seen.containers.items()):
        if service == 'init':
            continue
        bad = softened(one)
        if seen.here(service):
            bad += [] if one.get('readonly') is True else ['a writable root']
            bad += [] if 'ALL' in (one.get('capDrop') or []) else ['capabilities not dropped']
            bad += [] if any('no-new-privileges' in str(option) for option in one.get('security') or []) else ['new privileges allowed']
            bad += ['root as user'] if str(one.get('user') or '0').split(':')[0] in ('0', 'root', '') else []
        if bad:
            return f'{service}: {", ".join(bad)}'
    for service, one in sorted(composed(seen).items()):
        bad = softened({'privileged': one.get('privileged'), 'network': one.get('network_mode'), 'pid': one.get('pid'), 'ipc': one.get('ipc'), 'security': one.get('security_opt'),
                        'capAdd': one.get('cap_add'), 'mounts': [{'Source': mount.get('source')} for mount in one.get('volumes') or [] if isinstance(mount, dict)]}) if service != 'init' else []
        if bad:
            return f'{service}, from the next start on: {", ".join(bad)}'
    return None


def published(one):
    """`8333/tcp` and where it is bound, of what a container shows to the host."""
    found = []
    for inner, binds in (one.get('published') or {}).items():
        for bind in binds or []:
            address = str(bind.get('HostIp') or '')
            if not address.startswith('127.') and address != '::1':
                found.append((f'{bind.get("HostPort")}/{str(inner).partition("/")[2]}', str(inner)))
    return found


@check('ports-open', 'A port that is published and should not be', 'Remove `ports` from docker-compose.override.yml, then `make restart`. Whoever reaches the signer\'s event port can stop the signer, without any password.')
def ports_open(seen):
    allowed = set(seen.fact('open_ports').split())
    for service, one in sorted(seen.containers.items()):
        bad = [f'{outer} (inside {inner})' for outer, inner in published(one) if f'{service}:{outer}' not in allowed]
        if bad:
            return f'{service} publishes {", ".join(bad)}'
    for service, one in sorted(composed(seen).items()):
        for port in one.get('ports') or []:
            local = str(port.get('host_ip') or '').startswith(('127.', '::1'))
            if not local and f'{service}:{port.get("published")}/{port.get("protocol", "tcp")}' not in allowed:
                return f'{service} publishes {port.get("published")}, from the next start on'
    return None


@check('secrets-in-logs', 'Logging that prints secrets', 'Remove the variable from docker-compose.override.yml, `make restart`, and rotate the token: it stands in the old log.', needs=('stacks-node',))
def secrets_in_logs(seen):
    names = SPEAKING & set(map(str, seen.container('stacks-node').get('env') or []))
    return f'stacks-node has {", ".join(sorted(names))}: it prints its whole configuration at the start' if names else None


@check('proxy', 'A proxy between signer and node', 'Remove the variable from the signer\'s container (docker-compose.override.yml, or `proxies` in ~/.docker/config.json), then `make restart`.', needs=('stacks-signer',))
def proxy(seen):
    names = PROXIES & set(map(str, seen.container('stacks-signer').get('env') or []))
    return f'stacks-signer has {", ".join(sorted(names))}; its calls to the node would take that way' if names else None


@check('drift', 'Containers that are not those of the committed files', '`docker compose up -d` makes anew what differs; look at `git diff` and the override first.', level='risk', because=('init-failed',))
def drift(seen):
    hashes = dict(line.split()[:2] for line in seen.text('hashes').splitlines() if len(line.split()) >= 2)
    wanted = composed(seen)
    compose = seen.text('engine').strip().splitlines()[-1].strip().lstrip('v') if seen.has('engine') else ''
    bad, doubtful = [], []
    for service in seen.services:
        one = seen.containers.get(service)
        if one is None:
            continue
        labels = one.get('labels') or {}
        image = wanted.get(service, {}).get('image')
        if image and one.get('image') != image:
            bad.append(f'{service} runs {one.get("image")}, the files say {image}')
        elif hashes.get(service) != labels.get('com.docker.compose.config-hash'):
            made = str(labels.get('com.docker.compose.version', ''))
            # Another Compose may count the same file differently.
            (bad if made.split('-')[0] == compose.split('-')[0] else doubtful).append(f'{service} was made from other settings')
    if bad:
        return '; '.join(bad)
    if not hashes:
        raise Missing('Compose tells no hashes')
    if doubtful:
        raise Missing('the containers were made by another version of Compose')
    return None


@check('release-drift', 'A program of another release than this stack is generated for', 'Generate for the release that runs, or run the one that is generated: node and signer move together.', needs=('stacks-node', 'stacks-signer'))
def release_drift(seen):
    for service, section, key, fact in (('stacks-node', 'node.info', 'server_version', 'node_release'), ('stacks-signer', 'signer.info', 'version', 'signer_release')):
        if not seen.here(service) or not seen.has(section):
            continue
        said = re.search(r'\b\d+(?:\.\d+){2,5}\b', str(seen.answer(section).get(key, '')))
        if said and said[0] != seen.fact(fact):
            return f'{service} says {said[0]}, generated is {seen.fact(fact)}'
    if not any(seen.has(section) for section in ('node.info', 'signer.info')):
        raise Missing('neither node nor signer answers')
    return None
