"""
The role of this host: what the answers say, unless make promote or make demote has said otherwise since. That word is in
the signer's config volume, which no backup carries to another host. It counts until the answer has said something else
once; then init deletes it.
"""

import os
import re

from layout import CONFIG, ROOT

ROLES = ('active', 'standby')
SIGNER_CONFIG = f'{ROOT}/etc/stacks-signer'
WORD = f'{SIGNER_CONFIG}/role'


def answered():
    """The role in the committed files; '' where they do not say one of ROLES, once."""
    found = re.findall(r'^role=(.*)$', text(f'{CONFIG}/facts.env'), re.MULTILINE)
    return found[0] if len(found) == 1 and found[0] in ROLES else ''


def role():
    """(role, whether it is by make promote or make demote). Without a clear answer this host is a standby."""
    answer, word = answered(), text(WORD).split()
    said = answer and len(word) == 2 and word[0] == answer and word[1] in ROLES
    return (word[1], True) if said else (answer or 'standby', False)


def is_outdated():
    """Whether the answer has said something else since make promote or make demote: their word must not count again later."""
    return bool(answered()) and os.path.lexists(WORD) and not role()[1]


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
