"""
Two hosts with one key that start their guards together, many times: the guard's own decision code (guard_watch.py), with a
simulated clock, chain, network and signers. Everything is drawn from one seed:
  PYTHONPATH=docker/tools python3 guard-simulation.py RUNS SEED [unheard]
Prints a JSON object. With "unheard" no write reaches the other host, to show that the simulation can fail.

The chain: others answer a block every 5 to 40 seconds (moving), or write their state at each Bitcoin block alone, every 1 to
30 minutes (standing). A signer that runs writes once it is up, at the next such event. A write is at its own node at once,
and at the other one after up to 3 seconds. Each guard looks every 5 seconds. The hosts start within a minute of each other.
"""

import json
import random
import sys
from collections import namedtuple

from guard_watch import TWICE, Watch

Look = namedtuple('Look', 'cycle seats own others burn stacks')
PERIOD, ARRIVES, BOOT = 5, 3, (2, 20)
# A write that is at the other node for so long, before that one's own signer writes, is seen by its guard.
HEARD = (TWICE + 1) * PERIOD
SLOTS = [(4, f'signers-0-{lane}') for lane in (1, 2, 3)]
HOURS = 12


class Host:
    def __init__(self, dice, started_at):
        self.watch = Watch(dice=dice)
        self.next_look = started_at
        self.own = dict.fromkeys(SLOTS, 40)
        self.arriving, self.written = [], {}
        self.up_at = self.first_write = self.first_heard = self.refused = None

    def look(self, now, others, burn):
        self.receive(now)
        look = Look(4, {4: 1}, dict(self.own), {0: (10, others), 2: (10, others), 3: (10, others)}, burn, 0)
        state, _ = self.watch.see(look, now, dict(self.written))
        if state == 'refused':
            self.refused, self.up_at = now, None

    def receive(self, now):
        for at, slot, version in [one for one in self.arriving if one[0] <= now]:
            self.own[slot] = max(self.own[slot], version)
        self.arriving = [one for one in self.arriving if one[0] > now]

    def write(self, now, slot, other, dice, unheard):
        """As stacks-signer does: a version that the node has already is refused, and the next one is tried."""
        self.receive(now)
        version = max(self.written.get(1, -1), self.own[slot]) + 1
        self.own[slot] = self.written[1] = version
        arrives = now + dice.uniform(0, ARRIVES)
        if not unheard:
            other.arriving.append((arrives, slot, version))
        if self.first_write is None:
            self.first_write = now
            other.first_heard = arrives


def run(seed, standing, unheard):
    dice = random.Random(seed)
    hosts = [Host(random.Random(seed * 2 + number), dice.uniform(0, 60)) for number in (1, 2)]
    event, others, burn = dice.uniform(0, 60), (7, 7, 7), 900
    events, now = [], 0.0
    while now < HOURS * 3600 and not all(host.refused is not None or host.watch.done for host in hosts):
        acting = min((host.next_look for host in hosts if host.refused is None), default=1e9)
        now = min([acting, event, *(at for at, *_ in events)])
        for entry in [one for one in events if one[0] <= now]:
            events.remove(entry)
            _, host, slot = entry
            if host.up_at is not None and host.up_at <= now:
                host.write(now, slot, hosts[1 - hosts.index(host)], dice, unheard)
        if now == event:
            slots = [SLOTS[1]] if standing else [SLOTS[2], SLOTS[0]]
            others = tuple(version + (SLOTS[number] in slots) for number, version in enumerate(others))
            burn += standing
            event = now + (dice.uniform(60, 1800) if standing else dice.uniform(5, 40))
            for host in hosts:
                events += [(now + dice.uniform(0.1, 3) + 0.5 * number, host, slot) for number, slot in enumerate(slots)]
        for host in hosts:
            if host.refused is None and host.next_look <= now:
                host.look(now, others, burn)
                host.next_look = now + PERIOD
                if host.watch.started and host.up_at is None and host.refused is None:
                    host.up_at = now + dice.uniform(*BOOT)
    return hosts, now


def main():
    runs, seed, unheard = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:4] == ['unheard']
    result = {'seed': seed, 'runs': runs, 'heard': HEARD, 'bothPassed': 0, 'bothPassedThoughHeard': 0, 'nonePassed': 0, 'onePassed': 0, 'bothRan': 0, 'minutes': [], 'unheardApart': 0}
    for number in range(runs):
        hosts, _ = run(seed * 100_000 + number, number % 2 == 1, unheard)
        heard = any(host.first_heard is not None and (host.first_write is None or host.first_write - host.first_heard >= HEARD) for host in hosts)
        passed = sum(host.refused is None for host in hosts)
        result['bothPassed'] += passed == 2
        result['bothPassedThoughHeard'] += passed == 2 and heard
        result['unheardApart'] += not heard
        result['nonePassed'] += passed == 0
        result['onePassed'] += passed == 1
        result['bothRan'] += all(host.first_write is not None for host in hosts)
        result['minutes'] += [host.first_write / 60 for host in hosts if host.first_write is not None]
    minutes = sorted(result.pop('minutes'))
    result['firstWriteMinutes'] = [round(minutes[int(len(minutes) * part)], 1) for part in (0, 0.5, 0.99)]
    print(json.dumps(result))


if __name__ == '__main__':
    main()
