"""
Whether somebody else signs with this key, told from one look after another. No disk and no network in here; the clock and
the dice are given.

A signing interval is the time in which most of the other signers, by weight, have written, and one or two minutes at least.
They answer each block, and write their state at each Bitcoin block, so intervals pass where the Stacks chain stands still.
A second instance of this signer would have written too, and its slots would have risen. The first interval only lets an old
state arrive: a slot may rise then, because the node had still to fetch what was written before.

Two instances that watch at the same time hear nothing of each other. So the number of intervals and their length are drawn,
and whoever has passed goes on comparing until its own signer has written. A slot that rises then to a version that the
signer's own database does not know was written by another instance.
"""

import random

# A signing interval lasts as many seconds at least, or up to twice as many.
LEAST = 60
# As many intervals as are asked for, and up to so many more.
MORE = 5
# How many looks in a row must say that there is no seat, and how many that a slot is not this signer's own doing: its
# database follows the slot by the time that the node's answer takes.
SURE, TWICE = 3, 2
# Intervals that are compared after the signer's own first write.
AFTER = 2


class Watch:
    """
    `receipt` is what the other side's token says of the slots: {'cycle': number, 'slots': {contract: version}}. `more` is 0
    where the other side is known to be off. `started`: the signer may run already, and what it does is compared.
    `before` is what this signer had written before this host was started anew, by slot; nothing may have gone beyond.
    """

    def __init__(self, intervals=2, least=LEAST, more=MORE, receipt=None, started=False, before=None, dice=None):
        self.dice = dice or random.SystemRandom()
        self.intervals, self.least, self.drawn = intervals + self.dice.randint(0, more), least, more > 0
        self.receipt, self.started, self.before = receipt or {}, started, before
        self.cycle, self.known, self.interval = None, {}, 0
        self.unseated = self.strange = 0
        self.passed = 'cleared before'
        # The interval in which the signer itself has written first, and whether all is seen that must be.
        self.wrote, self.done = None, False

    def see(self, look, now, written=None):
        """
        (state, words): watching, passed or refused. `written` is what the signer's own database says of its last version
        by slot number; None where it cannot say. Goes on after passed, until `done`.
        """
        if not look.seats:
            return self.see_no_seat(look)
        self.settle(look, now)
        told = None if self.started else self.compare_receipt(look) or self.compare_before(look)
        if told:
            return told
        fell = next((slot for slot, version in look.own.items() if version < self.known[slot]), None)
        if fell:
            was = self.known[fell]
            self.known, self.wrote = dict(look.own), None
            self.begin(0, look, now)
            return self.say(look, f'{name(look, fell)} fell from version {was} to {look.own[fell]}: the node has lost some, watching anew')
        rose = [slot for slot, version in look.own.items() if version > self.known[slot]] if self.interval else []
        foreign = [slot for slot in rose if not self.is_own(look, slot, written)]
        self.strange = self.strange + 1 if foreign else 0
        if foreign and (not self.started or self.strange >= TWICE):
            why = 'which the signer here has not written' if self.started else 'while the signer here is off'
            return 'refused', f'{name(look, foreign[0])} went from version {self.known[foreign[0]]} to {look.own[foreign[0]]} {why}: another instance runs with this key'
        if rose and not foreign and self.wrote is None:
            self.wrote = self.interval
        self.known.update({slot: version for slot, version in look.own.items() if slot not in foreign})
        return self.progress(look, now, written)

    def see_no_seat(self, look):
        self.unseated += 1
        if self.unseated < SURE and not self.started:
            return 'watching', f'the signer has no seat in cycle {look.cycle} or the next: looking once more'
        # Cleared, but not for ever: with a seat begins what there is to compare.
        self.started, self.cycle, self.known, self.wrote = True, None, {}, None
        return 'passed', f'not registered for cycle {look.cycle} or the next: it has no slots that another could write'

    def settle(self, look, now):
        """Takes up slots that are new, and forgets those that are no more; a cycle that begins does not begin the watch anew."""
        first, new_cycle = self.cycle is None, look.cycle != self.cycle
        self.known = {slot: self.known.get(slot, version) for slot, version in look.own.items()}
        if first:
            # What runs since there was no seat is compared from its first slot on.
            self.begin(1 if self.started and self.unseated else 0, look, now)
        elif new_cycle:
            self.start, self.burn = dict(look.others), look.burn
        self.cycle, self.unseated = look.cycle, 0

    def begin(self, interval, look, now):
        self.interval, self.since, self.burn = interval, now, look.burn
        self.start = dict(look.others)
        self.lasts = self.dice.uniform(self.least, 2 * self.least) if self.drawn else self.least

    def is_own(self, look, slot, written):
        return self.started and (written is None or look.own[slot] <= written.get(look.seats.get(slot[0]), -1))

    def compare_receipt(self, look):
        for contract, version in self.receipt.get('slots', {}).items():
            slot = (self.receipt.get('cycle'), contract)
            seen = look.own.get(slot)
            if seen is not None and seen > version:
                return 'refused', (f'{name(look, slot)} was at version {version} when the other host was demoted, and is at {seen} now: '
                                   'an instance still runs with this key')
            if seen is not None and seen < version:
                return 'watching', f'{name(look, slot)} is at version {seen} here, the other host has written {version}: it has still to arrive'
        return None

    def compare_before(self, look):
        # One write may have been on its way when the power went.
        for slot, seen in look.own.items():
            version = (self.before or {}).get(look.seats.get(slot[0]))
            if version is not None and seen > version + 1:
                return 'refused', f'{name(look, slot)} is at version {seen}, and this host has written {version} before it went off: another instance runs with this key'
        return None

    def progress(self, look, now, written):
        total = sum(weight for weight, _ in look.others.values())
        moved = 0
        for index, (weight, versions) in look.others.items():
            was = self.start.get(index, (weight, versions))[1]
            moved += weight if any(version > before for version, before in zip(versions, was)) else 0
            self.start[index] = (weight, tuple(map(min, versions, was)))
        if self.started and (written is None or self.wrote is not None and self.interval > self.wrote + AFTER):
            self.done = True
        # Alone in its set, it can only be told from Bitcoin's blocks: a signer writes its state at each.
        most = 2 * moved > total if total else look.burn > self.burn
        if most and now - self.since >= self.lasts:
            self.begin(self.interval + 1, look, now)
            if self.interval > self.intervals and not self.started:
                self.started = True
                slots = ', '.join(f'{contract} {version}' for (_, contract), version in sorted(look.own.items()))
                limit = '' if look.cycle in look.seats else '; its seat is only in the next cycle'
                self.passed = f'nobody wrote its slots in {self.intervals} signing intervals (cycle {look.cycle}: {slots}){limit}'
        share = f'{100 * moved // total} % of the other signers have written' if total else 'alone in its set, waiting for a Bitcoin block'
        phase = f'signing interval {self.interval} of {self.intervals}' if self.interval else 'what was written before arrives'
        return self.say(look, f'watching its own slots, {phase}: {share}')

    def say(self, look, watching):
        if not self.started:
            return 'watching', watching
        return 'passed', self.passed + ('' if self.done else '; its slots are compared until it has written itself')


def name(look, slot):
    cycle, contract = slot
    return f'slot {look.seats.get(cycle)} of {contract} (cycle {cycle})'
