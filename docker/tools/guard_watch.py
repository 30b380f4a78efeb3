"""
Whether somebody else signs with this key, told from one look after another. No clock, no disk, no network in here.

A signing interval is the time in which most of the other signers, by weight, have answered a block, and no less than a
minute. A second instance of this signer would have answered too, and its slots would have risen. That those of the others
rise at this node proves that what is written does arrive here. The first interval only lets an old state arrive: a slot
may rise then, because the node had still to fetch what was written before.
"""

LEAST = 60
# How many looks in a row must say that there is no seat.
SURE = 3


class Watch:
    """`receipt` is what the other side's token says of the slots: {'cycle': number, 'slots': {contract: version}}."""

    def __init__(self, intervals=2, least=LEAST, receipt=None):
        self.intervals, self.least = intervals, least
        self.receipt = receipt or {}
        self.place = None
        self.unseated = 0

    def see(self, look, now):
        """(state, words): watching, waiting, passed or refused. The last two are final."""
        place = (look.cycle, tuple(sorted(look.seats.items())))
        if place != self.place:
            self.place, self.unseated = place, 0
            self.begin(0, look, now)
        if not look.seats:
            self.unseated += 1
            if self.unseated < SURE:
                return 'watching', f'the signer has no seat in cycle {look.cycle} or the next: looking once more'
            return 'passed', f'not registered for cycle {look.cycle} or the next: it has no slots that another could write'
        told = self.compare_receipt(look)
        if told:
            return told
        fell = next((slot for slot, version in look.own.items() if version < self.known.get(slot, 0)), None)
        if fell:
            was = self.known[fell]
            self.begin(0, look, now)
            return 'watching', f'{name(look, fell)} fell from version {was} to {look.own[fell]}: the node has lost some, watching anew'
        for slot, version in look.own.items():
            if self.interval > 0 and version > self.known[slot]:
                return 'refused', (f'{name(look, slot)} went from version {self.known[slot]} to {version} while the signer here is off: '
                                   'another instance runs with this key')
        self.known.update(look.own)
        return self.progress(look, now)

    def begin(self, interval, look, now):
        self.interval, self.since, self.burn = interval, now, look.burn
        self.start = {index: version for index, (_, version) in look.others.items()}
        if interval == 0:
            self.known = dict(look.own)

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

    def progress(self, look, now):
        total = sum(weight for weight, _ in look.others.values())
        moved = 0
        for index, (weight, version) in look.others.items():
            self.start[index] = min(self.start.get(index, version), version)
            moved += weight if version > self.start[index] else 0
        # Alone in its set, it can only be told from Bitcoin's blocks: a signer writes its state at each.
        most = 2 * moved > total if total else look.burn > self.burn
        if most and now - self.since >= self.least:
            self.begin(self.interval + 1, look, now)
            if self.interval > self.intervals:
                slots = ', '.join(f'{contract} {version}' for (_, contract), version in sorted(look.own.items()))
                limit = '' if look.cycle in look.seats else '; its seat is only in the next cycle, so another instance need not write yet'
                return 'passed', f'nobody wrote its slots in {self.intervals} signing intervals (cycle {look.cycle}: {slots}){limit}'
        phase = f'signing interval {self.interval} of {self.intervals}' if self.interval else 'what was written before arrives'
        share = f'{100 * moved // total} % of the other signers have answered a block' if total else 'alone in its set, waiting for a Bitcoin block'
        return 'watching', f'watching its own slots, {phase}: {share}'


def name(look, slot):
    cycle, contract = slot
    return f'slot {look.seats.get(cycle)} of {contract} (cycle {cycle})'
