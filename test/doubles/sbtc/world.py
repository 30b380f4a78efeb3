"""The network that the double of the sBTC signer lives in, and what its metrics tell of it."""

import json
import threading
import time

USUAL = {
    # None where it never met a peer: then there is no such number.
    'peers': None,
    # Requests to sign in a second, by how they end.
    'signed': {},
    # Questions that its node refuses in a second.
    'refused': 0,
    # Whether it counts Stacks blocks that it is told of, and Bitcoin blocks that it sees.
    'hears': True, 'sees': True,
    # Its newest key, the contract's, and how many keys were made.
    'dkg': {'rounds': 0, 'current_aggregate_key': None, 'contract_aggregate_key': None},
}


class World:
    """Read anew each second from `path`, where a test may put one. Each number is there from its first event on, and not before."""

    def __init__(self, path):
        self.path = path
        self.now = dict(USUAL)
        self.numbers = {}
        self.lock = threading.Lock()
        threading.Thread(target=self.live, daemon=True).start()

    def live(self):
        while True:
            time.sleep(1)
            try:
                with open(self.path, encoding='utf-8') as file:
                    self.now = {**USUAL, **json.load(file)}
            except FileNotFoundError:
                pass
            except ValueError:
                # Half written: the next second will do.
                continue
            if self.now['peers'] is not None:
                self.put('peers_connected', self.now['peers'])
            for status, count in self.now['signed'].items():
                self.count('sign_requests_total', count, blockchain='bitcoin', kind='sweep', status=status)
            if self.now['refused']:
                self.count('call_read_only_requests_total', self.now['refused'], status_code='400')

    def put(self, name, value, **labels):
        with self.lock:
            self.numbers[shown(name, labels)] = value

    def count(self, name, by=1, **labels):
        with self.lock:
            self.numbers[shown(name, labels)] = self.numbers.get(shown(name, labels), 0) + by

    def observed(self, blockchain):
        if self.now['hears' if blockchain == 'stacks' else 'sees']:
            self.count('blocks_observed_total', blockchain=blockchain)

    def page(self):
        with self.lock:
            return ''.join(f'{name} {value}\n' for name, value in self.numbers.items()).encode()


def shown(name, labels):
    return name + '{' + ','.join(f'{key}="{value}"' for key, value in {'app': 'signer', **labels}.items()) + '}'
