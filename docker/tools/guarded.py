"""
What init and the guard leave each other beside the signer's database. The gate of the signer compares `cleared` there with
init's own line beside the config, and with the present boot of the machine. A copy of the database brings its old `cleared`
along, but never this host's line; a copy of the whole disk has both, but not the boot that they were written in.
"""

import hashlib
import os
import re

from files import make_folder, remove, write_atomically
from layout import ROOT
from role import SIGNER_CONFIG, text

DATA = f'{ROOT}/var/lib/stacks-signer'
PLACE = f'{DATA}/guard'
# The line 'v1 ROLE HOST KEY': what must be cleared, as init says it. What the guard has cleared is that line, and the boot
# of the machine in which it, or init after it, has seen that this is the host.
WANTED, CLEARED = f'{PLACE}/wanted', f'{PLACE}/cleared'
# The line for which all was seen that must be: nothing is compared any more.
PROVEN = f'{PLACE}/proven'
# Two lines: what may start without a look, and on whose word. Used once.
SKIP = f'{PLACE}/skip'
# Two lines: one of STATES, and why.
VERDICT = f'{PLACE}/verdict'
# Two lines: what was wanted when it was refused, and why. It stays until somebody has looked: make guard-again.
REFUSED = f'{PLACE}/refused'
# What the other side's token said, for the guard to hold the slots against.
RECEIPT = f'{PLACE}/receipt.json'
# Written by whatever puts a database back from a backup.
RESTORED = f'{DATA}/restored'
BOOT = f'{ROOT}/proc/sys/kernel/random/boot_id'
# What names the machine itself, from the one that a hypervisor or a mainboard gives. Some give one that is none.
MACHINE = (f'{ROOT}/sys/class/dmi/id/product_uuid', f'{ROOT}/sys/hypervisor/uuid')
NO_NUMBER = re.compile(r'([0f-]*|03000200-0400-0500-0006-000700080009)', re.IGNORECASE)
LINE = f'{SIGNER_CONFIG}/guard'
HOST_ID = f'{SIGNER_CONFIG}/host-id'
STATES = ('waiting', 'watching', 'passed', 'refused', 'standby')


def host():
    """
    Names this host and these volumes: a random number that no backup carries, the two directories as the disk numbers
    them, and the machine's own number. Where it has none, a copy of the whole disk could not be told from the first: then
    each boot of the machine is another host, and the guard watches again.
    """
    number = next((found for found in (text(path).strip() for path in MACHINE) if not NO_NUMBER.fullmatch(found)), '')
    parts = [text(HOST_ID).strip(), *(str(os.stat(path).st_ino) for path in (SIGNER_CONFIG, DATA)), number, *([] if number else [boot()])]
    return hashlib.sha256('\n'.join(parts).encode()).hexdigest()[:32]


def boot():
    """The kernel's own name for the time since the machine was started."""
    return text(BOOT).strip()


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
    remove(PROVEN)
    remove(RESTORED)
    write_atomically(CLEARED, clearance(wanted), 0o444)
    remove(RECEIPT)


def clearance(wanted):
    return f'{wanted}{boot()}\n'.encode()


def is_cleared(wanted):
    return bool(wanted and boot()) and text(CLEARED).encode() == clearance(wanted) and not os.path.lexists(RESTORED)


def was_cleared(wanted):
    """Whether it was before the machine was started anew. It may be the same machine, or one with a copy of its disk."""
    return bool(wanted) and text(CLEARED).startswith(wanted) and not os.path.lexists(RESTORED)


def withdraw():
    """The gate stops the signer."""
    remove(CLEARED)
    remove(PROVEN)
