"""The lines of host-check that ask who gets in, and what may be read and written."""

import re

from doctor_host import secret_files
from evidence import Missing
from host_rules import rule


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
    # What works on the signer's own database has to be its user; none of these has the key.
    beside = ('stacks-signer', 'guard', 'backup', 'backup-copy')
    told = {service: str(one.get('user') or '0') for service, one in seen.containers.items() if seen.here(service) and service != 'init'}
    if not told:
        raise Missing('no container was made yet')
    root = [service for service, user in told.items() if user.split(':')[0] in ('0', 'root')]
    shared = told.get('stacks-signer') is not None and told.get('stacks-signer') in [user for service, user in told.items() if service not in beside]
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
