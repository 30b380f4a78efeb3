"""The lines of host-check. `look` returns (whether it is well, what was seen), and raises Missing where it cannot tell."""

import re
from dataclasses import dataclass

from doctor_host import secret_files
from evidence import Missing

RULES = []


@dataclass(frozen=True)
class Rule:
    id: str
    asks: str
    why: str
    do: str
    look: object


def rule(id, asks, why, do):
    def add(look):
        RULES.append(Rule(id, asks, why, do, look))
        return look
    return add


def ssh(seen):
    """The server's effective settings; None where there is no server."""
    said = seen.text('ssh')
    if said.strip() == 'none':
        return None
    settings = dict(line.lower().split(None, 1) for line in said.splitlines() if len(line.split(None, 1)) == 2)
    if not settings:
        raise Missing('sshd tells its settings to root alone')
    return settings


@rule('ssh-keys', 'SSH takes keys, no passwords', 'Passwords are guessed, all day long, by anyone who finds the port.', 'PasswordAuthentication no and KbdInteractiveAuthentication no in /etc/ssh/sshd_config.d/, once your key works.')
def ssh_keys(seen):
    settings = ssh(seen)
    if settings is None:
        return True, 'no SSH server is installed'
    names = ('passwordauthentication', 'kbdinteractiveauthentication', 'permitemptypasswords')
    if 'passwordauthentication' not in settings:
        raise Missing('sshd does not tell whether it takes passwords')
    bad = [name for name in names if settings.get(name, 'no') != 'no']
    return not bad, f'{", ".join(bad)} on' if bad else 'no passwords'


@rule('ssh-root', 'Root cannot log in by SSH', 'An account of its own leaves a trace of who did what.', 'PermitRootLogin no in /etc/ssh/sshd_config.d/, once another account may use sudo.')
def ssh_root(seen):
    settings = ssh(seen)
    if settings is None:
        return True, 'no SSH server is installed'
    if 'permitrootlogin' not in settings:
        raise Missing('sshd does not tell whether root may log in')
    return settings['permitrootlogin'] == 'no', f'PermitRootLogin {settings["permitrootlogin"]}'


@rule('ssh-port', 'SSH listens on a port of its own choice', 'It keeps the noise of scanners out of the log; it is no protection by itself.', 'Port NUMBER in /etc/ssh/sshd_config.d/; let it through the firewall before the old one is closed.')
def ssh_port(seen):
    settings = ssh(seen)
    if settings is None:
        return True, 'no SSH server is installed'
    if 'port' not in settings:
        raise Missing('sshd does not tell its port')
    return settings['port'].strip() != '22', f'port {settings["port"].strip()}'


@rule('operator', 'The stack is operated by an account of its own, not by root', 'A mistake in a shell of root has no limit.', 'Make an account in the group docker, give it this directory (chown -R), and work as that.')
def operator(seen):
    owner = next((line.split()[1] for line in seen.sections['files'].out.splitlines() if line.endswith('|.')), None) if 'files' in seen.sections else None
    if owner is None:
        raise Missing('the directory was not looked at')
    return owner != '0', f'this directory belongs to user {owner}'


@rule('users', 'Each program runs as a user of its own, none as root', 'Whoever breaks into the node must not read the signer\'s key.', 'Remove `user` from docker-compose.override.yml, then make restart.')
def users(seen):
    told = {service: str(one.get('user') or '0') for service, one in seen.containers.items() if seen.here(service) and service != 'init'}
    if not told:
        raise Missing('no container was made yet')
    root = [service for service, user in told.items() if user.split(':')[0] in ('0', 'root')]
    shared = told.get('stacks-signer') is not None and told.get('stacks-signer') in [user for service, user in told.items() if service != 'stacks-signer']
    return not root and not shared, ', '.join(f'{service} {user}' for service, user in sorted(told.items()))


@rule('docker-group', 'Few accounts may speak to Docker', 'Whoever may is root of this machine, and can read the key.', 'Remove from the group docker (gpasswd -d NAME docker) whoever need not be in it.')
def docker_group(seen):
    line = next((line for line in seen.text('people').splitlines() if line.startswith('group docker:')), None)
    if line is None:
        return True, 'there is no group docker: root alone'
    members = [name for name in line.rpartition(':')[2].split(',') if name]
    return len(members) <= 1, f'in the group: {", ".join(members) or "nobody"}'


@rule('docker-socket', 'Docker listens on no network port, and its socket is closed to others', 'An open Docker port is a root shell for everybody who reaches it.', 'Remove tcp:// from `hosts` in /etc/docker/daemon.json and from docker.service; chmod 660 /var/run/docker.sock.')
def docker_socket(seen):
    said = seen.text('socket')
    mode = re.match(r'\d+', said)
    if not mode:
        raise Missing('the socket was not found where Docker has it')
    tcp = [address for address in seen.text('listeners').split() if re.search(r':237[56]$', address)]
    configured = 'tcp://' in said
    bad = [*([f'listens on {", ".join(tcp)}'] if tcp else []), *(['tcp:// is configured'] if configured else []), *([f'socket mode {mode[0]}'] if int(mode[0], 8) & 0o007 else [])]
    return not bad, ', '.join(bad) or f'socket mode {mode[0]}, no port'


@rule('secret-files', 'secrets/ is closed to all others, and not in git', 'Whoever reads the key can sign in your name.', 'chmod -R go-rwx secrets; git rm -r --cached secrets.')
def secrets(seen):
    files = secret_files(seen)
    bad = [f'{name} has mode {mode:o}' for mode, _, _, name in files if (name == 'secrets' or name.startswith('secrets/')) and mode & 0o077]
    tracked = seen.sections.get('tracked')
    if tracked is None or tracked.code not in (0, 3):
        raise Missing('git could not be asked')
    bad += [f'git tracks {name}' for name in tracked.out.split()]
    if not any(name.startswith('secrets/') for *_, name in files):
        raise Missing('secrets/ is empty, or closed to this account')
    return not bad, ', '.join(bad) or 'modes 0700 and 0600'


@rule('directory', 'Nobody else can write into this directory', 'Whoever changes docker-compose.yml decides what runs beside the key.', 'chmod go-w . and what it names.')
def directory(seen):
    bad = [f'{name} has mode {mode:o}' for mode, _, _, name in secret_files(seen) if not name.startswith('secrets') and mode & 0o022]
    return not bad, ', '.join(bad) or 'only its owner'


@rule('updates', 'Security updates come by themselves', 'Most break-ins use what was mended long ago.', 'apt install unattended-upgrades && dpkg-reconfigure -plow unattended-upgrades; on other systems their own means.')
def updates(seen):
    said = seen.text('updates')
    if 'debian' not in said.split():
        raise Missing('this is no Debian: look yourself')
    on = 'unattended-upgrade installed' in said and re.search(r'Unattended-Upgrade "[1-9]', said)
    ages = [int(days) for days in re.findall(r'^age (-?\d+) ', said, re.MULTILINE)]
    old = min(ages) if ages else None
    return bool(on) and (old is None or old <= 7), ('on' if on else 'off') + (f'; package lists {old} days old' if old is not None else '')


@rule('reboot', 'The newest kernel runs', 'An update of the kernel helps only after a reboot.', 'make stop, reboot at a quiet hour; the stack starts again by itself (make start, if it was stopped).')
def reboot(seen):
    said = seen.text('updates')
    if 'reboot required' in said:
        return False, 'the system asks for a reboot'
    running = next((line for line in said.splitlines() if re.match(r'\d+\.\d+', line)), None)
    kernels = re.findall(r'^kernel (\S+)$', said, re.MULTILINE)
    if running is None or not kernels:
        raise Missing('which kernels are installed is not known')
    newest = max(kernels, key=lambda name: [int(part) for part in re.findall(r'\d+', name)])
    return running == newest, f'{running} runs, {newest} is installed'


@rule('time', 'The clock is synchronised', 'Block times and timeouts are held against the local clock.', 'timedatectl set-ntp true, or install chrony.')
def time(seen):
    said = seen.text('clock')
    if re.search(r'NTPSynchronized=yes|Leap status +: Normal', said):
        return True, 'synchronised'
    if re.search(r'NTPSynchronized=no|Not synchronised', said):
        return False, 'not synchronised'
    raise Missing('nothing here tells')


@rule('swap', 'No swap, or an encrypted one', 'What is swapped out, a key too, stays readable on the disk.', 'swapoff -a and remove it from /etc/fstab, or put it on a crypt device or zram.')
def swap(seen):
    said = seen.text('memory')
    total = re.search(r'^SwapTotal: +(\d+) kB', said, re.MULTILINE)
    if not total:
        raise Missing('/proc/meminfo does not tell')
    if total[1] == '0':
        return True, 'none'
    crypt = {word for line in seen.text('devices').splitlines() if len(line.split()) >= 4 and line.split()[3] == 'CRYPT' for word in (f'/dev/{line.split()[0]}', f'/dev/mapper/{line.split()[2]}')}
    places = [line.split()[0] for line in said.splitlines() if re.match(r'/\S+\s+(partition|file)\s', line)]
    if not places:
        raise Missing('where the swap lies is not known')
    bad = [place for place in places if place not in crypt and not place.startswith('/dev/zram')]
    return not bad, f'on {", ".join(bad or places)}'


@rule('disk-encryption', 'The disk below Docker is encrypted', 'A disk that is sold, or copied by a provider, holds the key.', 'It must be so from the installation on (LUKS), or be your provider\'s; then this line cannot know it.')
def encryption(seen):
    rows = [line.split() for line in seen.text('disk.docker').splitlines()]
    if not rows or not rows[0]:
        raise Missing('where Docker\'s data lies is not known')
    crypt = {word for line in seen.text('devices').splitlines() if len(line.split()) >= 4 and line.split()[3] == 'CRYPT' for word in (f'/dev/{line.split()[0]}', f'/dev/mapper/{line.split()[2]}')}
    if rows[0][0] in crypt:
        return True, f'{rows[0][0]} is a crypt device'
    raise Missing(f'{rows[0][0]} is no crypt device itself; what lies below it is not seen')


@rule('core-dumps', 'Programs of other users leave no memory on the disk', 'A core file holds what the program held, a key too. The containers make none.', 'sysctl fs.suid_dumpable=0')
def core_dumps(seen):
    said = dict(line.split(None, 1) for line in seen.text('kernel').splitlines() if len(line.split(None, 1)) == 2)
    value = said.get('fs/suid_dumpable', '?').strip()
    if value == '?':
        raise Missing('the kernel does not tell')
    return value == '0', f'fs.suid_dumpable = {value}'


@rule('address-space', 'The kernel places memory at random', 'It makes a break-in by a fault in a program much harder.', 'sysctl kernel.randomize_va_space=2')
def address_space(seen):
    said = dict(line.split(None, 1) for line in seen.text('kernel').splitlines() if len(line.split(None, 1)) == 2)
    value = said.get('kernel/randomize_va_space', '?').strip()
    if value == '?':
        raise Missing('the kernel does not tell')
    return value == '2', f'kernel.randomize_va_space = {value}'


@rule('firewall', 'A firewall denies what is not allowed', 'The signer needs nothing from outside; the node needs its P2P port alone.', 'nftables, ufw or firewalld with a default of deny. Ports that Docker publishes pass beside the INPUT chain: publish no more than the README lists.')
def firewall(seen):
    said = seen.text('firewall')
    drops = re.search(r'^(\w+): input drops by default$', said, re.MULTILINE)
    if drops:
        return True, f'{drops[1]} drops by default'
    active = re.findall(r'^unit (\w+) active$', said, re.MULTILINE)
    if active:
        raise Missing(f'{", ".join(active)} runs; its rules only root can see' if 'looked as root' not in said else f'{", ".join(active)} runs, but input does not drop by default')
    if 'looked as root' in said:
        return False, 'nothing drops by default'
    raise Missing('the rules only root can see')


@rule('listeners', 'Nothing listens to the world but SSH and what this stack publishes', 'Each open port is a door.', 'Stop it, or bind it to 127.0.0.1.')
def listeners(seen):
    allowed = {entry.partition(':')[2].partition('/')[0] for entry in seen.fact('open_ports').split()} | {'22'}
    settings = ssh(seen) if seen.has('ssh') else None
    allowed |= {settings['port'].strip()} if settings and 'port' in settings else set()
    world = sorted({address.rpartition(':')[2] for address in seen.text('listeners').split() if not re.match(r'(127\.|\[::1\]|::1:|\[::ffff:127\.)', address) and ':' in address}, key=lambda port: port.zfill(5))
    bad = [port for port in world if port not in allowed]
    return not bad, f'port {", ".join(bad)}' if bad else f'{", ".join(world) or "no port"}'


@rule('confinement', 'Docker confines its containers', 'seccomp and AppArmor or SELinux hold a broken program in.', 'Install apparmor (Debian, Ubuntu) or switch SELinux on, then restart Docker.')
def confinement(seen):
    said = seen.text('engine')
    found = [name for name in ('seccomp', 'apparmor', 'selinux', 'rootless') if f'name={name}' in said]
    return 'seccomp' in found and len(found) > 1, ', '.join(found) or 'none'
