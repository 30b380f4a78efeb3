"""The programs that the backups are made of, run so that no failure of theirs is missed; and what can go wrong."""

import os
import subprocess
import tempfile

from printable import printable

FULL = 'No space left on device'
# The lines in which age says that none of the keys it was given is one of the file's.
NOT_FOR = 'no identity matched'
# What is told of age: it quotes what it was given, which may be a key.
AGE_WORDS = {FULL.lower(): FULL, NOT_FOR: NOT_FOR, 'recipient': 'it does not take a recipient: see BACKUP_AGE_RECIPIENT'}
LONGEST = 2000


class Misused(Exception):
    """The settings or the command line are wrong."""


class Failed(Exception):
    """It was tried, and did not work. Nothing that was there before is touched."""


class CannotTell(Exception):
    """What lies in the way has nothing to do with the dump: no verdict."""


class Damaged(Exception):
    """The dump itself is no good."""


def run(argv, input=None, stdin=None, stdout=subprocess.PIPE, environment=None, timeout=None, problem=Failed):
    """What `argv` wrote to stdout, as text. Raises `problem` with the end of its stderr, or CannotTell for a full disk."""
    try:
        done = subprocess.run(argv, input=input, stdin=stdin if input is None else None, stdout=stdout, stderr=subprocess.PIPE,
                              env={**os.environ, **(environment or {})}, timeout=timeout, check=False)
    except OSError as error:
        raise Failed(f'{argv[0]} cannot be run: {error.strerror}') from None
    except subprocess.TimeoutExpired:
        raise CannotTell(f'{argv[0]} did not end within {timeout} s') from None
    if done.returncode:
        raise told(argv[0], done.returncode, done.stderr, problem)
    return done.stdout.decode() if done.stdout is not None else ''


def told(name, code, stderr, problem):
    said = tail(stderr)
    if os.path.basename(name).startswith('age'):
        said = next((words for found, words in AGE_WORDS.items() if found in said.lower()), 'what it says may hold a secret, and is not shown')
    kind = CannotTell if FULL in said and problem is Damaged else problem
    return kind(f'{os.path.basename(name)} ended with {code}: {said or "and said nothing"}')


def tail(stderr):
    """The end of what a program said, in one line of printable characters."""
    lines = stderr.decode('utf-8', 'replace').splitlines()
    return printable('; '.join(line.strip() for line in lines if line.strip())[-LONGEST:])


def pipe(first, second, output, environment=None):
    """Runs `first | second > output` (an open file); raises Failed if either ends badly."""
    with tempfile.TemporaryFile() as said_one, tempfile.TemporaryFile() as said_two:
        one = begin(first, said_one, environment, stdout=subprocess.PIPE)
        try:
            two = begin(second, said_two, environment, stdin=one.stdout, stdout=output)
        except Failed:
            one.kill()
            one.wait()
            raise
        finally:
            one.stdout.close()  # so that `first` sees when `second` is gone
        # The one that reads is the cause when both fail: the other then has nobody to write to.
        ends = [(second, two.wait(), said_two), (first, one.wait(), said_one)]
        for argv, code, said in ends:
            if code:
                said.seek(0)
                raise told(argv[0], code, said.read(), Failed)


def begin(argv, said, environment, **streams):
    try:
        return subprocess.Popen(argv, stderr=said, env={**os.environ, **(environment or {})}, **streams)
    except OSError as error:
        raise Failed(f'{argv[0]} cannot be run: {error.strerror}') from None
