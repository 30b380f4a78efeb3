"""The lines of host-check that ask how the system is kept: updates, clock, disk, kernel, network."""

import re

from evidence import Missing
from host_access import ssh
from host_rules import rule


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
