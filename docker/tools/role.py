"""
Which part this host plays: what the answers say, unless make promote or make demote has said otherwise since. That word
stands in the signer's config volume, which no backup carries to another host, and counts until the answer itself changes.
"""

import os
import re

from layout import CONFIG, ROOT

ROLES = ('active', 'standby')
SIGNER_CONFIG = f'{ROOT}/etc/stacks-signer'
WORD = f'{SIGNER_CONFIG}/role'


def answered():
    """The role in the committed files."""
    found = re.search(r'^role=(\w+)$', text(f'{CONFIG}/facts.env'), re.MULTILINE)
    return found[1] if found and found[1] in ROLES else 'active'


def role():
    """(role, whether it is by make promote or make demote)."""
    answer = answered()
    word = text(WORD).split()
    said = len(word) == 2 and word[0] == answer and word[1] in ROLES
    return (word[1], True) if said else (answer, False)


def word_of(wanted):
    """What WORD must hold for `wanted` to count from now on."""
    return f'{answered()} {wanted}\n'


def text(path):
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, encoding='utf-8') as file:
            return file.read(1 << 16)
    except (OSError, UnicodeDecodeError, TypeError):
        return ''
