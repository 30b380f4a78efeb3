"""
What init and the guard leave each other beside the signer's database. The gate of the signer compares `cleared` there
with init's own line beside the config: a copy of the database brings its old `cleared` along, but never this host's line.
"""

import hashlib
import os
import secrets

from files import make_folder, remove, write_atomically
from layout import ROOT
from role import SIGNER_CONFIG, text

DATA = f'{ROOT}/var/lib/stacks-signer'
PLACE = f'{DATA}/guard'
# The lines 'v1 ROLE HOST KEY': what must be cleared, as init says it, and what the guard has cleared.
WANTED, CLEARED = f'{PLACE}/wanted', f'{PLACE}/cleared'
# Two lines: one of STATES, and why.
VERDICT = f'{PLACE}/verdict'
# Two lines: what was wanted when it was refused, and why. It stays until somebody has looked: make guard-again.
REFUSED = f'{PLACE}/refused'
# What the other side's token said, for the guard to hold the slots against.
RECEIPT = f'{PLACE}/receipt.json'
# Written by whatever puts a database back from a backup.
RESTORED = f'{DATA}/restored'
LINE = f'{SIGNER_CONFIG}/guard'
HOST_ID = f'{SIGNER_CONFIG}/host-id'
KEPT = ('guard', 'host-id', 'role')
STATES = ('waiting', 'watching', 'passed', 'refused', 'standby')


def host():
    """
    Names this host and these volumes: a random number that no backup carries, the two directories as the disk numbers
    them, and the machine's own number where it has one. A copy of either volume, or of the whole disk, is another host.
    """
    parts = [text(HOST_ID).strip(), *(str(os.stat(path).st_ino) for path in (SIGNER_CONFIG, DATA)), text('/sys/class/dmi/id/product_uuid').strip()]
    return hashlib.sha256('\n'.join(parts).encode()).hexdigest()[:32]


def withhold(role, public_key):
    """Before the config changes: a line for another role or key lets nothing start any more, even if init is killed now."""
    if text(LINE).split()[1:2] != [role] or text(LINE).split()[3:] != [public_key]:
        os.chmod(SIGNER_CONFIG, 0o700)
        remove(LINE)


def prepare(role, public_key, owner):
    """Init's part, as root, in volumes that belong to `owner`: says what must be cleared before the signer may start."""
    os.chmod(SIGNER_CONFIG, 0o700)
    if len(text(HOST_ID).strip()) != 64:
        write_atomically(HOST_ID, f'{secrets.token_hex(32)}\n'.encode(), 0o400, owner)
    make_place(owner)
    line = f'v1 {role} {host()} {public_key}\n'
    if role == 'standby':
        remove(CLEARED)
    for path in (LINE, WANTED):
        if text(path) != line:
            write_atomically(path, line.encode(), 0o444, owner)
    os.chmod(SIGNER_CONFIG, 0o500)


def make_place(owner):
    make_folder(PLACE, owner)


def say(state, words):
    """The verdict, for the gate, for status and for people: words on one line."""
    write_atomically(VERDICT, f'{state}\n{" ".join(words.split())}\n'.encode(), 0o644, durable=False)


def verdict():
    """(state, words); ('', '') where there is none."""
    lines = text(VERDICT).splitlines()
    return (lines[0], lines[1]) if len(lines) == 2 and lines[0] in STATES else ('', '')


def refuse(wanted, words):
    write_atomically(REFUSED, f'{wanted.strip()}\n{" ".join(words.split())}\n'.encode(), 0o644)


def refused(wanted):
    """Why this was refused; '' where it was not."""
    first, _, words = text(REFUSED).partition('\n')
    return words.strip() if first == wanted.strip() else ''


def clear(wanted):
    """Lets the signer start. `restored` goes first: a kill in between costs another look, never a start without one."""
    remove(RESTORED)
    write_atomically(CLEARED, wanted.encode(), 0o444)
    remove(RECEIPT)


def is_cleared(wanted):
    return bool(wanted) and text(CLEARED) == wanted and not os.path.lexists(RESTORED)
