"""Faults of the machine, the engine and the files."""

import re

from doctor_containers import neighbours
from evidence import Missing, plain
from verdict import Found, table

CHECKS = []
check = table(CHECKS)

GB = 1024 ** 2  # in the KiB that df and meminfo count
VIRTUAL = re.compile(r'QEMU|VMware|Google|Msft|VBOX|Xen|Amazon', re.IGNORECASE)


@check('compose-file', 'Compose cannot read docker-compose.yml or its override', 'Mend what Compose names; `docker compose config` says it too.')
def compose_file(seen):
    section = seen.sections.get('config')
    if section is None:
        raise Missing('config was not asked')
    if section.code != 0:
        raise Missing(f'docker compose config ended with {section.code}')
    if section.out.strip():
        return None
    return section.err.strip().splitlines()[-1] if section.err.strip() else 'docker compose config says nothing'


@check('docker-old', 'Docker Engine older than 25, or Compose older than 2.24', 'Install Docker Engine 25 or later with Compose 2.24 or later.')
def docker_old(seen):
    said = seen.text('engine')
    versions = re.findall(r'\d+\.\d+', said.splitlines()[0]) if said.strip() else []
    compose = re.match(r'v?(\d+)\.(\d+)', said.splitlines()[-1]) if said.strip() else None
    if not versions or not compose:
        raise Missing('Docker does not tell its version')
    if int(versions[0].split('.')[0]) < 25:
        return f'Docker Engine {versions[0]}'
    return f'Compose {compose[0]}' if (int(compose[1]), int(compose[2])) < (2, 24) else None


@check('avx2', 'A processor without AVX2, which the programs of Stacks need on amd64', 'Move to a machine of the x86-64-v3 level; in a virtual one, pass the host\'s processor through.',
       needs=('stacks-node', 'stacks-signer'))
def avx2(seen):
    lines = seen.text('processor').splitlines()
    if not lines:
        raise Missing('no processor was told of')
    if lines[0].strip() != 'x86_64':
        return None
    if len(lines) < 2:
        raise Missing('the processor\'s flags are not known')
    lacking = [flag for flag in ('avx2', 'bmi2', 'fma') if flag not in lines[1].split()]
    return f'/proc/cpuinfo lacks {", ".join(lacking)}' if lacking else None


def rows(seen, name, words):
    found = [line.split() for line in seen.text(name).splitlines()]
    if not found:
        raise Missing(f'{name} says nothing')
    if any(len(row) < words for row in found):
        raise Missing(f'{name} is not what it should be')
    return found


def disks(seen):
    """(name, size, free in KiB, device) of each disk that holds a volume: as the containers see it, else Docker's own."""
    volumes = [line.split() for line in seen.text('disk.volumes').splitlines()]
    found = [(row[0], int(row[2]), int(row[4]), row[1]) for row in volumes if len(row) >= 7 and row[2].isdigit() and row[4].isdigit()]
    if found:
        return found
    row = rows(seen, 'disk.docker', 6)[0]
    return [('Docker', number(row[1]), number(row[3]), row[0])]


def number(word):
    if not word.isascii() or not word.isdigit():
        raise Missing('a number is none')
    return int(word)


@check('disk-full', 'A disk that is full, or nearly', 'Make room or a larger disk: a full one damages databases. `docker system df` shows what Docker holds; never delete in a volume by hand.')
def disk_full(seen):
    worst = min(disks(seen), key=lambda one: one[2] / max(one[1], 1))
    name, size, free, device = worst
    said = f'{name}: {free / GB:.0f} GB free of {size / GB:.0f} GB ({100 * free // max(size, 1)} %) on {device}'
    if free < 2 * GB or free < 0.02 * size:
        return said
    return Found(said, level='risk') if free < 0.10 * size else None


@check('inodes', 'A file system without free inodes', 'Delete what has many small files, or make the file system anew with more inodes.')
def inodes(seen):
    for row in [line.split() for line in seen.text('inodes').splitlines()] or [['Docker', *rows(seen, 'disk.docker', 6)[1]]]:
        if len(row) >= 5 and row[2].isdigit() and row[4].isdigit() and int(row[2]) > 0 and int(row[4]) < 0.02 * int(row[2]):
            return f'{row[0]}: {row[4]} inodes free of {row[2]} on {row[1]}'
    return None


@check('memory', 'Too little memory', 'Give the machine the memory that the README names, or move what else runs here.', level='risk')
def memory(seen):
    values = dict(re.findall(r'^(\w+): +(\d+) kB', seen.text('memory'), re.MULTILINE))
    if 'MemTotal' not in values or 'MemAvailable' not in values:
        raise Missing('/proc/meminfo is not what it should be')
    total, free, need = int(values['MemTotal']), int(values['MemAvailable']), number(seen.fact('memory_gb', '0'))
    if free < 0.05 * total:
        return Found(f'{free // 1024} MB available of {total // 1024} MB', level='fault')
    # What a machine is sold as is more than what Linux counts.
    return f'{total / GB:.1f} GB; {need} GB are asked for' if total < 0.9 * need * GB else None


@check('clock', 'A clock that is off', 'Switch time synchronisation on (systemd-timesyncd or chrony), and see that it reaches its servers.', free=True)
def clock(seen):
    if seen.has('bitcoin.network'):
        offset = seen.answer('bitcoin.network').get('timeoffset')
        if isinstance(offset, (int, float)) and abs(offset) > 10:
            return f'bitcoind\'s peers differ from this clock by {offset} seconds'
    if seen.has('bitcoin.chain'):
        tip = seen.answer('bitcoin.chain').get('time')
        if isinstance(tip, (int, float)) and tip > seen.now + 7200:
            return f'the newest Bitcoin block is {tip - seen.now:.0f} seconds in the future of this clock'
    said = seen.text('clock')
    if re.search(r'^NTPSynchronized=no$', said, re.MULTILINE) or re.search(r'^Leap status +: Not synchronised', said, re.MULTILINE):
        return Found('the time is not synchronised: ' + ' '.join(said.split())[:120], level='risk')
    offset = re.search(r'^System time +: ([\d.]+) seconds', said, re.MULTILINE)
    if offset and float(offset[1]) > 1:
        return f'chrony: off by {offset[1]} seconds'
    if offset or re.search(r'^NTPSynchronized=yes$', said, re.MULTILINE):
        return None
    raise Missing('nothing here tells whether the clock is right')


@check('disk-type', 'A chain on a rotating disk', 'Move Docker\'s data to an SSD: a rotating disk does not keep up with the chain.', level='risk', needs=('stacks-node', 'bitcoind'), free=True)
def disk_type(seen):
    devices = {}
    for line in seen.text('devices').splitlines():
        words = line.split(None, 4)
        if len(words) >= 4:
            for name in (f'/dev/{words[0]}', f'/dev/mapper/{words[2]}'):
                devices[name] = (words[1], words[4] if len(words) > 4 else '')
    for name, _, _, device in disks(seen):
        turns, vendor = devices.get(device, ('?', ''))
        if turns == '?' or (turns == '1' and (re.match(r'/dev/(vd|xvd|loop)', device) or VIRTUAL.search(vendor))):
            raise Missing(f'{device} does not tell what it is')
        if turns == '1':
            return f'{name} lies on {device}, which rotates'
    return None


@check('file-limit', 'A container that may open too few files', 'Remove what lowers `ulimits` in docker-compose.override.yml, or Docker\'s own limit (LimitNOFILE of docker.service).')
def file_limit(seen):
    low = [f'{row[0]} {row[1]}' for row in (line.split() for line in seen.text('open-files').splitlines()) if len(row) == 2 and row[1].isdigit() and int(row[1]) < 16384]
    return f'open files: {", ".join(low)}; 16384 are asked for' if low else None


def secret_files(seen):
    """(mode, size, kind, name) of what lies in the directory."""
    found = []
    for line in seen.sections['files'].out.splitlines() if 'files' in seen.sections else ():
        words, bar, name = line.partition('|')
        words = words.split(None, 4)
        if bar and len(words) == 5 and words[0].isdigit() and words[3].isdigit():
            found.append((int(words[0], 8), int(words[3]), words[4], name))
    if not any(name == '.' for *_, name in found):
        raise Missing('the files were not looked at')
    return found


@check('secrets-missing', 'A secret file that is missing or empty', 'Put it back from your backup. Never make a new signer key for a registered signer.')
def secrets_missing(seen):
    there = {name for _, size, kind, name in secret_files(seen) if size > 0 and 'regular' in kind}
    missing = [name for name in seen.fact('secrets').split() if f'secrets/{name}' not in there]
    return f'secrets/{", secrets/".join(missing)}' if missing else None


@check('secrets-open', 'A secret that others on this machine can read', '`chmod -R go-rwx secrets`; whoever had an account here may have read it.')
def secrets_open(seen):
    bad = [f'{name} has mode {mode:o}' for mode, _, _, name in secret_files(seen) if (name == 'secrets' or name.startswith('secrets/')) and mode & 0o077]
    return ', '.join(bad) or None


@check('secrets-in-git', 'Secrets that git tracks', '`git rm -r --cached secrets`, and remove them from the history. What was pushed is no secret any more: rotate it.')
def secrets_in_git(seen):
    section = seen.sections.get('tracked')
    if section and section.code == 3:
        return None  # no git here, so nothing that this machine could push
    files = seen.text('tracked').split()
    return f'git tracks {", ".join(files)}' if files else None


@check('renamed-stack', 'Volumes or containers of this stack under another name', 'A stack that is renamed starts with empty volumes. Rename it back, or take the old one down from its own name; look at what its volumes hold before they are deleted.', level='risk')
def renamed_stack(seen):
    own = seen.fact('stack')
    here = next((str((one.get('labels') or {}).get('com.docker.compose.project.working_dir')) for one in seen.containers.values()), None)
    project = next((str((one.get('labels') or {}).get('com.docker.compose.project')) for one in seen.containers.values()), own)
    others = neighbours(seen)
    moved = [one for one in others if here and one.get('directory') == here and one.get('project') not in (project, None, '')]
    if moved:
        return Found(f'containers of project {moved[0].get("project")} come from this directory too', level='fault' if any(one.get('running') for one in moved) else 'risk')
    used = {one.get('project') for one in others}
    left = sorted({row[1] for row in map(str.split, seen.text('volumes').splitlines())
                   if len(row) == 3 and row[2] in ('stacks-signer-data', 'stacks-node-data') and row[1] != project and row[1] not in used})
    return f'volumes of {plain(", ".join(left))}, which has no containers' if left else None
