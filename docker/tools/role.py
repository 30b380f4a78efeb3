"""
The role of this host: what the answers say, unless make promote or make demote has said otherwise since. That word is in
the signer's config volume, which no backup carries to another host. It counts until the answer has said something else
once; then init deletes it.
"""

import json
import os

from layout import CONFIG, ROOT

ROLES = ('active', 'standby')
SIGNER_CONFIG = f'{ROOT}/etc/stacks-signer'
WORD = f'{SIGNER_CONFIG}/role'


def answered():
    """The role in config/stack.json; '' where that is not the file of this version, with one of ROLES, once."""
    def once(pairs):
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError('a key twice')
        return found
    try:
        stack = json.loads(text(f'{CONFIG}/stack.json'), object_pairs_hook=once)
    except (ValueError, RecursionError):
        return ''
    known = isinstance(stack, dict) and stack.get('version') == 1 and stack.get('role') in ROLES
    return stack['role'] if known else ''


def role():
    """(role, whether it is by make promote or make demote). Without a clear answer this host is a standby."""
    answer, word = answered(), text(WORD).split()
    said = answer and len(word) == 2 and word[0] == answer and word[1] in ROLES
    return (word[1], True) if said else (answer or 'standby', False)


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
