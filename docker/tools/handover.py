"""
Changes over between two hosts that hold one key. Runs in init's container: no network, the volumes, the secrets.

  handover.py token    prints what this host may say of itself, when it is a standby; SLOTS is what guard --slots has printed
  handover.py ready    0 when TOKEN lets this active host be demoted; OTHER=none goes without a token
  handover.py demote   makes this host the standby, and takes the key out of the signer's volume
  handover.py promote  makes this host the active one when TOKEN says that the other was demoted; OTHER=lost without

A token is signed with a key made from the signer's own, so only a host that holds it can make one. What it says can be
looked up: the public key, and how often the signer's slots were written when it was made.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time

import guarded
from consumers import CONSUMERS
from files import remove, write_atomically, write_json
from fill import Refused, read_secret
from guarded import RECEIPT, REFUSED, host
from public_key import public_key
from role import SIGNER_CONFIG, WORD, answered, role, word_of

NAME = 'stacks-standby-1'
# Seconds that a token counts; clocks of two hosts may differ by a few minutes.
AGE, AHEAD = 3600, 300
OWNER = next(one for one in CONSUMERS if one.guarded).owner


def main(arguments):
    steps = {'token': token, 'ready': ready, 'demote': demote, 'promote': promote}
    try:
        if len(arguments) != 1 or arguments[0] not in steps:
            raise Refused('say token, ready, demote or promote')
        if not answered():
            raise Refused('config/facts.env does not say the role of this host; generate the stack again')
        return steps[arguments[0]]()
    except Refused as refused:
        print(f'handover: {refused}', file=sys.stderr)
        return 1


def token():
    part, by_hand = role()
    if part != 'standby':
        raise Refused('this host is the active one; make demote first, and give the other host\'s token to it')
    try:
        seen = json.loads(os.environ.get('SLOTS', ''))
        facts = {name: int(seen[name]) for name in ('cycle', 'burn', 'stacks')}
        slots = {str(name): int(version) for name, version in seen['slots'].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused('the guard did not say what the node knows') from None
    said = {'at': int(time.time()), 'host': host(), 'key': own_key(), 'demoted': by_hand, **facts, 'slots': slots}
    body = base64.urlsafe_b64encode(json.dumps(said, sort_keys=True).encode()).decode()
    print(f'{NAME}.{body}.{seal(body)}')
    return 0


def ready():
    if role()[0] != 'active':
        raise Refused('this host is the standby already: make handover-token prints its token again')
    if os.environ.get('OTHER') == 'none':
        return 0
    said = opened(os.environ.get('TOKEN', ''))
    print(f'handover: the other host is a standby, its node is at Stacks block {said["stacks"]}, Bitcoin block {said["burn"]}')
    return 0


def demote():
    """Only after `ready`, with the signer stopped. The key goes first, the word after it: init goes by the word alone."""
    os.chmod(SIGNER_CONFIG, 0o700)
    write_atomically(WORD, word_of('standby').encode(), 0o444, OWNER)
    remove(guarded.CLEARED)
    remove(guarded.LINE)
    remove(f'{SIGNER_CONFIG}/signer-config.toml')
    os.chmod(SIGNER_CONFIG, 0o500)
    print('handover: this host is the standby now; its signer has no key')
    return 0


def promote():
    if role()[0] == 'active':
        raise Refused('this host is the active one already; if its signer waits: make logs S=guard')
    if os.environ.get('OTHER') == 'lost':
        receipt = {'lost': True}
    else:
        said = opened(os.environ.get('TOKEN', ''))
        if said['demoted'] is not True:
            raise Refused('the token is of a host that has not signed: it must be of the one that was demoted')
        receipt = {'cycle': said['cycle'], 'slots': said['slots']}
    guarded.make_place(OWNER)
    remove(guarded.CLEARED)
    remove(REFUSED)
    write_json(RECEIPT, receipt, owner=OWNER)
    os.chmod(SIGNER_CONFIG, 0o700)
    write_atomically(WORD, word_of('active').encode(), 0o444, OWNER)
    os.chmod(SIGNER_CONFIG, 0o500)
    print('handover: this host is the active one now; its signer starts when the guard has seen that nobody else signs')
    return 0


def opened(given):
    """What a token of the other host says. Refused for one that is forged, old, of this host or of another key."""
    parts = given.strip().split('.')
    if not given.strip():
        raise Refused('TOKEN is missing: make handover-token prints it on the other host')
    if len(parts) != 3 or parts[0] != NAME or not re.fullmatch(r'[A-Za-z0-9_=-]+', parts[1]):
        raise Refused('this is no token of make handover-token, or not the whole of it')
    if not hmac.compare_digest(parts[2].encode(), seal(parts[1]).encode()):
        raise Refused('the token was not made with this signer\'s key, or was changed')
    said = json.loads(base64.urlsafe_b64decode(parts[1] + '=='))
    age = time.time() - said['at']
    if said['key'] != own_key():
        raise Refused('the token is for another key')
    if said['host'] == host():
        raise Refused('the token is of this very host')
    if age > AGE:
        raise Refused(f'the token is {age / 60:.0f} minutes old: make handover-token prints a new one on the other host')
    if age < -AHEAD:
        raise Refused('the token is from the future: the clock of one of the hosts is wrong')
    return said


def own_key():
    return public_key(read_secret('SIGNER_PRIVATE_KEY')) or ''


def seal(body):
    own = hmac.new(read_secret('SIGNER_PRIVATE_KEY')[:64].lower().encode(), b'stacks-signer-stack handover', hashlib.sha256).digest()
    return hmac.new(own, f'{NAME}.{body}'.encode(), hashlib.sha256).hexdigest()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
