"""
Looks, through this host's node, whether another instance signs with this key, and only then lets the signer start.

  guard.py           for ever: watches when the signer is not cleared for this host, idles when it is
  guard.py --health  0 unless it refuses or hangs
  guard.py --slots   what the node says of the signer's slots, as JSON
  guard.py --again   forgets a refusal, and watches anew
"""

import json
import os
import sys
import time

from files import read_json, remove
from guard_watch import LEAST, Watch
from guarded import CLEARED, RECEIPT, REFUSED, WANTED, clear, is_cleared, refuse, refused, say, verdict
from role import text
from stackerdb import NotYet, look

BEAT = '/tmp/guard-beat'
ADDRESS = os.environ.get('NODE_RPC', '')
LANES = tuple(os.environ.get('LANES', '1').split(','))


def main(arguments):
    if arguments == ['--health']:
        return health()
    if arguments == ['--slots']:
        return show_slots()
    if arguments == ['--again']:
        remove(REFUSED)
        print('guard: watching anew; make logs S=guard')
        return 0
    period = float(os.environ.get('GUARD_PERIOD', '5'))
    watch, told, pause = None, ('', 0), period
    while True:
        watch = step(watch)
        state, words = verdict()
        beat()
        if told[0] != state or time.monotonic() - told[1] >= 60 and state not in ('passed', 'standby'):
            print(f'guard: {state}: {words}', flush=True)
            told = state, time.monotonic()
        # A node that is away, perhaps for days, is asked less often: behind sidecars each question is a line in two logs.
        pause = min(2 * pause, 6 * period) if state == 'waiting' else period
        time.sleep(pause)


def step(watch):
    """One look at what is wanted, and at the node where that is needed; returns what is being watched, if anything."""
    wanted = text(WANTED)
    parts = wanted.split()
    if len(parts) != 4 or parts[0] != 'v1':
        tell('waiting', 'init has not said yet what this host is')
        return None
    if parts[1] != 'active':
        tell('standby', 'this host is the standby: its signer does not start')
        return None
    if is_cleared(wanted):
        # A kill right after clearing leaves it; it would say nothing of what this host signs from now on.
        remove(RECEIPT)
        if verdict()[0] != 'passed':
            tell('passed', 'this host was cleared before')
        return None
    # What was cleared for another host, key or database counts no more.
    remove(CLEARED)
    if refused(wanted):
        tell('refused', refused(wanted))
        return None
    if watch is None or watch[0] != wanted:
        receipt = read_json(RECEIPT)
        watch = wanted, Watch(intervals(receipt), float(os.environ.get('GUARD_LEAST', LEAST)), receipt)
    try:
        state, words = watch[1].see(look(ADDRESS, parts[3], LANES), time.monotonic())
    except NotYet as reason:
        tell('waiting', str(reason))
        return watch
    if state == 'refused':
        words += '. Stop it (make demote on its host), then make guard-again'
        refuse(wanted, words)
    if state == 'passed' and text(WANTED) == wanted:
        clear(wanted)
    tell(state, words)
    return watch if state == 'watching' else None


def intervals(receipt):
    """Twice as many where nobody could say that the other host is off."""
    return 4 if receipt.get('lost') is True else 2


def tell(state, words):
    if verdict() != (state, ' '.join(words.split())):
        say(state, words)


def beat():
    with open(BEAT, 'w', encoding='utf-8'):
        pass


def health():
    try:
        age = time.time() - os.stat(BEAT).st_mtime
    except OSError:
        return 1
    return 0 if age < 300 and verdict()[0] != 'refused' else 1


def show_slots():
    parts = text(WANTED).split()
    if len(parts) != 4:
        print('guard: init has not said yet what this host is', file=sys.stderr)
        return 1
    try:
        seen = look(ADDRESS, parts[3], LANES)
    except NotYet as reason:
        print(f'guard: {reason}', file=sys.stderr)
        return 1
    slots = {contract: version for (cycle, contract), version in seen.own.items() if cycle == seen.cycle}
    print(json.dumps({'cycle': seen.cycle, 'burn': seen.burn, 'stacks': seen.stacks, 'slots': slots}))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
