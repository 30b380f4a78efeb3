"""The repository, through restic. Passwords reach it by files, some of them in memory alone; no command line or environment holds one."""

import json
import os
import subprocess
import tempfile
import time

from backup_places import ETC, REPOSITORY, Failed
from files import hash_stream
from printable import printable

# What restic's exit codes mean, since 0.17.
MISSING, LOCKED, WRONG_PASSWORD = 10, 11, 12
VERIFIED = 'verified'
# Hours, for a slow line: it is only to end what hangs for ever.
PATIENCE = 12 * 3600
# Seconds for which a lock is waited for, and between two looks at whether its holder has gone.
UNLOCKED, PAUSE = 300, 5


# What sbtc-backup has not given its name yet, and what only its own locks are.
UNFINISHED = [part for pattern in ('.part-*', '.new-*', '.lock') for part in ('--exclude', pattern)]


class Repository:
    def __init__(self, settings):
        self.settings = settings
        self.kind, self.where, self.host = settings['kind'], settings['where'], settings['stack']
        self.passed = ()
        self.arguments = ['--no-cache', '--password-file', f'{ETC}/backup-password', '--repo', self.url()]
        self.environment = {**os.environ, 'HOME': tempfile.gettempdir()}
        if self.kind == 'sftp':
            self.arguments += ['-o', f'sftp.command={self.ssh()}']
        if self.kind == 's3':
            self.credentials = credentials()
            self.passed = (self.credentials.fileno(),)
            self.environment['AWS_SHARED_CREDENTIALS_FILE'] = f'/dev/fd/{self.credentials.fileno()}'
            if settings.get('s3_region'):
                self.arguments += ['-o', f's3.region={settings["s3_region"]}']

    def url(self):
        if self.kind == 'path':
            return REPOSITORY
        if self.kind == 'sftp':
            return f'sftp:backup:{self.settings["sftp_path"]}'
        return f's3:{self.settings["s3_endpoint"]}/{self.settings["s3_bucket"]}/{self.host}'

    def ssh(self):
        """The server must show the key that the answers name: no first meeting is trusted."""
        one = self.settings
        return (f'ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={ETC}/known_hosts -o GlobalKnownHostsFile=none '
                f'-o IdentitiesOnly=yes -o ConnectTimeout=30 -o ServerAliveInterval=30 -i {ETC}/backup-ssh-key -p {one["sftp_port"]} -l {one["sftp_user"]} {one["sftp_host"]} -s sftp')

    def run(self, *arguments, cwd=None):
        """What restic says on stdout. Raises Failed with its last line where it fails."""
        try:
            ran = subprocess.run(['restic', *self.arguments, *arguments], cwd=cwd, env=self.environment, stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=PATIENCE, pass_fds=self.passed)
        except subprocess.TimeoutExpired:
            raise Failed(f'restic {arguments[0]} took more than {PATIENCE // 3600} hours') from None
        if ran.returncode != 0:
            raise self.failure(arguments[0], ran.returncode, ran.stderr.decode(errors='replace'))
        return ran.stdout.decode(errors='replace')

    def run_alone(self, *arguments):
        """
        The same, for what restic does only where nobody else is in the repository. What is left behind by one that was killed is removed as soon
        as that has gone, which may be later than its parent: restic's own waiting would keep to a lock whose holder died meanwhile.
        """
        end = time.monotonic() + UNLOCKED
        while True:
            try:
                return self.run(*arguments)
            except Failed as failed:
                if getattr(failed, 'code', None) != LOCKED or time.monotonic() >= end:
                    raise
            time.sleep(PAUSE)
            self.run('unlock')

    def failure(self, what, code, said):
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        known = {MISSING: f'{self.where} holds no backups', WRONG_PASSWORD: f'secrets/backup-password does not open {self.where}',
                 LOCKED: f'{self.where} is locked by another restic; a lock left behind goes after half an hour'}
        # What follows a fatal line only repeats where it happened.
        lines = [line for line in lines if line.startswith('Fatal:')] or lines
        failed = Failed(known.get(code) or f'restic {what}: {printable(lines[-1] if lines else f"exit code {code}", 300)}')
        failed.code = code
        return failed

    def open(self, expected, make=True):
        """The repository's id. It is made where there is none, none was known and `make` allows it; another one than `expected` is refused."""
        if self.kind == 'path' and not os.access(REPOSITORY, os.W_OK):
            raise Failed(f'{self.where} cannot be written: is its disk mounted? If it is new: install -d -m 700 -o 2002 -g 2002 {self.where}; then make restart S=backup')
        try:
            found = json.loads(self.run('cat', 'config'))['id']
        except Failed as failed:
            if getattr(failed, 'code', None) != MISSING or not (make or expected):
                raise
            if expected:
                raise Failed(f'{self.where} holds no backups, and did before: is the right disk or server there?') from None
            self.run('init')
            found = json.loads(self.run('cat', 'config'))['id']
        if expected and found != expected:
            raise Failed(f'{self.where} holds another repository than before: is the right disk or server there?')
        return found

    def store(self, folder, names):
        """Stores `names` of `folder`. The id of the snapshot, which is there whole or not at all."""
        said = self.run('backup', '--json', '--host', self.host, *UNFINISHED, *names, cwd=folder)
        for line in reversed(said.splitlines()):
            one = json.loads(line) if line.startswith('{') else {}
            if one.get('message_type') == 'summary':
                return one['snapshot_id']
        raise Failed('restic backup says nothing of a snapshot')

    def hash_of(self, snapshot, path):
        """The SHA-256 of a file as it is read back."""
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(['restic', *self.arguments, 'dump', snapshot, path], env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=errors, pass_fds=self.passed)
            with process.stdout:
                found = hash_stream(process.stdout)
            if process.wait() != 0:
                errors.seek(0)
                raise self.failure('dump', process.returncode, errors.read().decode(errors='replace'))
        return found

    def snapshots(self):
        """Those of this stack, the oldest first."""
        found = json.loads(self.run('snapshots', '--json', '--host', self.host)) or []
        return sorted(found, key=lambda one: one['time'])

    def size(self):
        """Bytes that the data of all snapshots take up."""
        return json.loads(self.run('stats', '--json', '--mode', 'raw-data'))['total_size']

    def approve(self, snapshot):
        """Marks a snapshot as verified. Its id changes by that; the new one is returned."""
        self.run_alone('tag', '--add', VERIFIED, snapshot)
        full = [one['id'] for one in self.snapshots() if verified(one) and one.get('original', one['id']).startswith(snapshot)]
        if len(full) != 1:
            raise Failed('the verified snapshot cannot be found again')
        return full[0]


def credentials():
    """A file in memory alone: nothing of it is left, however this ends."""
    key_id, secret = (read_line(f'{ETC}/{name}') for name in ('backup-s3-key-id', 'backup-s3-secret-key'))
    file = os.fdopen(os.memfd_create('s3-credentials'), 'w')
    file.write(f'[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n')
    file.flush()
    return file


def verified(snapshot):
    return VERIFIED in (snapshot.get('tags') or ())


def read_line(path):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read().strip()
    except OSError as trouble:
        raise Failed(f'{path} cannot be read ({trouble.strerror}): generate the stack again, then docker compose up -d') from None
