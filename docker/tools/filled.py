"""
What init has filled in, held against what the files now say: filled.py CHAIN_DIRECTORY

Runs with every mount read-only. Answers with JSON that holds words, truth values and public keys, and never a secret:
`files` maps a file of a volume to same, different or missing; `refused` is what init would say; `tokensEqual` is null
where only one side is here; `chain` says which parts of the node's chain there are.
"""

import hmac
import json
import os
import re
import sys

from files import open_file
from fill import KNOWN, Refused, read_secret
from init import CONSUMERS, contents
from layout import DATA, ROOT
from public_key import public_key


def main(arguments):
    answer = {'files': {}, 'refused': None, 'tokensEqual': tokens_equal(), 'publicKeys': public_keys(), 'chain': chain(arguments[0] if arguments else '')}
    for consumer in CONSUMERS:
        if not consumer.config or not os.path.isdir(ROOT + consumer.config):
            continue
        try:
            wanted = contents(consumer)
        except Refused as refused:
            answer['refused'] = str(refused)
            continue
        for name, (content, _) in sorted(wanted.items()):
            found = content_of(f'{ROOT}{consumer.config}/{name}')
            answer['files'][f'{consumer.name}/{name}'] = 'missing' if found is None else 'same' if found == content else 'different'
    print(json.dumps(answer))
    return 0


def content_of(path):
    try:
        with open_file(path) as file:
            return file.read()
    except FileNotFoundError:
        return None


def value_of(path, key):
    """The string that a filled config has for `key`; None when there is no such file or line."""
    text = (content_of(ROOT + path) or b'').decode('utf-8', 'replace')
    found = re.search(rf'^[ \t]*{key}[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"', text, re.MULTILINE)
    return found[1] if found else None


def tokens_equal():
    tokens = value_of('/etc/stacks-node/node-config.toml', 'auth_token'), value_of('/etc/stacks-signer/signer-config.toml', 'auth_password')
    return None if None in tokens else hmac.compare_digest(*(token.encode() for token in tokens))


def public_keys():
    """Place to the public key of the key that stands there; a place without a key, or with what is none, is left out."""
    keys = {'the signer\'s volume': value_of('/etc/stacks-signer/signer-config.toml', 'stacks_private_key')}
    try:
        keys['secrets/signer-private-key'] = read_secret('SIGNER_PRIVATE_KEY') if os.path.isdir(f'{ROOT}/etc/stacks-signer') else None
    except Refused:
        pass
    form = KNOWN['SIGNER_PRIVATE_KEY'].form
    return {place: public for place, key in keys.items() if key and form.fullmatch(key) and (public := public_key(key))}


def chain(directory):
    """Which parts are there; empty where the node's volume is not."""
    if not directory or not os.path.isdir(DATA):
        return {}
    parts = {'chainstate': 'chainstate', 'sortition': 'burnchain/sortition'}
    return {name: os.path.lexists(f'{DATA}/{directory}/{path}') for name, path in parts.items()}


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
