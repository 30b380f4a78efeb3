"""What no metric of the sBTC signer says: whether what it stands on answers, and whether its key is the contract's."""

import re
import socket
import time

from exposition import fetched, json_value
from sbtc_watch import ADDRESS, status

WAIT = 5
# It asks both nodes when it is asked.
KEEP = 60
LARGEST = 1 << 20
# Asks PostgreSQL whether it speaks TLS: answered before any name or password, by a server that takes connections.
HELLO = bytes((0, 0, 0, 8, 4, 210, 22, 47))
KEY = re.compile(r'0[23][0-9a-f]{64}')


class Sbtc:
    """All but `info` may be missing. `signatures` is how many keys must sign."""

    def __init__(self, info, blocklist, postgres, signatures):
        self.info = info
        self.blocklist = blocklist
        self.postgres = postgres
        self.signatures = signatures
        self.kept = None

    def measure(self, page):
        page.gauge('stack_sbtc_signatures_required', 'How many of the set must sign.', self.signatures)
        if self.postgres:
            page.gauge('stack_sbtc_database_up', 'Whether PostgreSQL takes connections.', int(takes_connections(self.postgres)))
        if self.blocklist:
            page.gauge('stack_sbtc_blocklist_up', 'Whether the blocklist client answers and has a list.', int(screens(self.blocklist)))
        keys = self.keys()
        rounds = keys.get('rounds')
        page.gauge('stack_sbtc_dkg_rounds', 'Keys that were made and did not fail.', rounds if isinstance(rounds, int) and not isinstance(rounds, bool) else None)
        page.gauge('stack_sbtc_key_matches', 'Whether the newest key is that of the contract. Nothing where either is not known.', matches(keys))

    def keys(self):
        """What the signer says of its keys; nothing where it does not."""
        if self.kept is None or time.monotonic() - self.kept[0] > KEEP:
            found = {}
            try:
                _, _, body = fetched(f'http://{self.info}/info', WAIT, LARGEST)
                found = json_value(body)
            except (OSError, ValueError):
                pass
            keys = found.get('dkg') if isinstance(found, dict) else None
            self.kept = time.monotonic(), keys if isinstance(keys, dict) else {}
        return self.kept[1]


def matches(keys):
    """1 or 0; None where one of the two is no key."""
    own, chain = (str(keys.get(name)).lower().removeprefix('0x') for name in ('current_aggregate_key', 'contract_aggregate_key'))
    return int(own == chain) if KEY.fullmatch(own) and KEY.fullmatch(chain) else None


def screens(address):
    code, _ = status(f'http://{address}/screen/{ADDRESS}')
    return code is not None and code < 500


def takes_connections(address):
    host, _, port = address.rpartition(':')
    try:
        with socket.create_connection((host, int(port)), timeout=WAIT) as connection:
            connection.settimeout(WAIT)
            connection.sendall(HELLO)
            return connection.recv(1) in (b'N', b'S')
    except (OSError, ValueError):
        return False
