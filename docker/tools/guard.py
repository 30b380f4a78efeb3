"""
Looks, through this host's node, whether another instance signs with this key, and only then lets the signer start. Goes on
looking until the signer has written itself: what it has not written, somebody else has.

  guard.py           for ever: watches when the signer is not cleared for this host, idles when all is seen
  guard.py --health  0 unless it refuses or hangs
  guard.py --slots   what the node says of the signer's slots, as JSON
  guard.py --again   forgets a refusal, and watches anew
  guard.py --skip    lets the signer start without a look, once: the operator's word that no other instance runs
"""

import json
import os
import sys
import time

from files import read_json, remove, write_atomically
from guard_watch import LEAST, MORE, Watch
from guarded import (CLEARED, PROVEN, RECEIPT, REFUSED, SKIP, WANTED, clear, is_cleared, refuse, refused, say, verdict,
                     was_cleared, withdraw)
from role import text
from stackerdb import NotYet, look
from written import written

BEAT = '/tmp/guard-beat'
ADDRESS = os.environ.get('NODE_RPC', '')
LANES = tuple(os.environ.get('LANES', '1').split(','))
OFF = os.environ.get('DOPPELGANGER_GUARD') == 'off'
WORDS = {'skip': 'make guard-skip: by the operator\'s word no other instance runs', 'new key': 'the key was made just now: nobody else can have it'}


def main(arguments):
    if arguments == ['--health']:
        return health()
    if arguments == ['--slots']:
        return show_slots()
    if arguments == ['--skip']:
        return skip()
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
    if parts[1] != 'active' or refused(wanted):
        # Whoever has a word for the guard says it again after this.
        remove(SKIP)
        withdraw()
        tell(*(('refused', refused(wanted)) if parts[1] == 'active' else ('standby', 'this host is the standby: its signer does not start')))
        return None
    if not was_cleared(wanted):
        # What was cleared for another host, key or database counts no more.
        withdraw()
    skipped, _, word = text(SKIP).partition('\n')
    # Removed before it counts: a kill in between must not let it count twice.
    remove(SKIP)
    if f'{skipped}\n' == wanted and word.strip() in WORDS:
        clear(wanted)
        tell('passed', WORDS[word.strip()])
        watch = None
    if OFF:
        if not is_cleared(wanted):
            clear(wanted)
        tell('passed', 'DOPPELGANGER_GUARD=off: nobody looks whether another instance runs')
        return None
    if is_cleared(wanted):
        # A kill right after clearing leaves it; it would say nothing of what this host signs from now on.
        remove(RECEIPT)
        if text(PROVEN) == wanted:
            if verdict()[0] != 'passed':
                tell('passed', 'this host was cleared before')
            return None
    if watch is None or watch[0] != wanted or watch[1].started and not is_cleared(wanted):
        watch = wanted, begin(wanted, parts[3])
    try:
        return see(watch, look(ADDRESS, parts[3], LANES), parts[3])
    except NotYet as reason:
        if not watch[1].started:
            tell('waiting', str(reason))
        elif verdict()[0] != 'passed':
            tell('passed', 'this host was cleared before; its slots are compared when the node tells of them')
        return watch


def see(watch, seen, key):
    wanted, watching = watch
    before = watching.started
    state, words = watching.see(seen, time.monotonic(), written(key) if before else None)
    if state == 'refused':
        words += '. Stop it (make demote on its host), then make guard-again'
        refuse(wanted, words)
        withdraw()
    if state == 'passed' and not before and text(WANTED) == wanted:
        clear(wanted)
    if state == 'passed' and watching.done and text(WANTED) == wanted:
        write_atomically(PROVEN, wanted.encode(), 0o444)
    tell(state, words)
    return None if state == 'refused' or watching.done else watch


def begin(wanted, key):
    """The watch that this host's past asks for."""
    least = float(os.environ.get('GUARD_LEAST', LEAST))
    if is_cleared(wanted):
        return Watch(least=least, started=True)
    receipt = read_json(RECEIPT)
    if receipt.get('lost') is True:
        # Nobody could say that the other host is off.
        return Watch(4, least, MORE, receipt)
    if receipt:
        return Watch(2, least, 0, receipt)
    if was_cleared(wanted) and text(PROVEN) == wanted:
        # The machine was started anew, or this is another one with a copy of its disk: what was written since tells which.
        before = last_written(key)
        if before:
            return Watch(1, least, 1, before=before)
    return Watch(2, least, MORE)


def last_written(key):
    try:
        return written(key)
    except NotYet:
        return None


def skip():
    wanted = text(WANTED)
    if wanted.split()[1:2] != ['active'] or refused(wanted):
        why = 'it has refused: make guard-again first, when the other instance is off' if refused(wanted) else 'this host is not the active one'
        print(f'guard: nothing to skip: {why}', file=sys.stderr)
        return 1
    write_atomically(SKIP, f'{wanted}skip\n'.encode(), 0o444)
    print('guard: the signer starts without a look, this once')
    return 0


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
