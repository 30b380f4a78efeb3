"""What the node's RPC says of itself and of the signer: the questions that no metric answers."""

import time

from exposition import fetched, json_value

# The set of a cycle is large and changes once in two weeks.
KEEP = 300
# 4,000 slots with their addresses and signers are less than a quarter of it; read as JSON it grows to twenty times as much.
LARGEST_SET = 4 << 20
LARGEST = 256 << 10
WAIT = 5


class Node:
    """`identity` is the signer's public key, or nothing."""

    def __init__(self, address, identity):
        self.address = address
        self.identity = identity.lower()
        self.sets = {}

    def measure(self, page):
        info = self.ask('/v2/info')
        page.gauge('stack_node_rpc_up', 'Whether the RPC of the node answers.', 1 if info else 0)
        if not info:
            return
        health = self.ask('/v3/health') or {}
        # Without a neighbour that is known, the node says 0 and means nothing by it.
        if health.get('max_stacks_neighbor_address') is not None:
            page.gauge('stack_node_behind_peers', 'Stacks blocks that the highest peer is ahead.', health.get('difference_from_max_peer'))
            page.gauge('stack_node_peers_height', 'Stacks height of the highest peer.', health.get('max_stacks_height_of_neighbors'))
        pox = self.ask('/v2/pox') or {}
        cycle = pox.get('reward_cycle_id')
        if not isinstance(cycle, int):
            return
        page.gauge('stack_reward_cycle', 'The running reward cycle.', cycle)
        page.gauge('stack_reward_cycle_blocks_left', 'Bitcoin blocks until the next reward cycle.', pox.get('next_reward_cycle_in'))
        if self.identity:
            self.measure_signer(page, cycle)

    def measure_signer(self, page, cycle):
        for name, number in (('current', cycle), ('next', cycle + 1)):
            signers = self.signers(number)
            page.gauge('stack_signer_registered', 'Whether the signer set of a cycle holds this signer. Nothing while there is no set.',
                       None if signers is None else int(self.identity in signers), cycle=name)
        signed = self.ask(f'/v3/signer/{self.identity}/{cycle}') or {}
        page.gauge('stack_signer_blocks_signed', 'Blocks of the running cycle that this signer has signed.', signed.get('blocks_signed'))

    def signers(self, cycle):
        """The keys of a cycle's set; None while there is none."""
        kept = self.sets.get(cycle)
        if kept and time.monotonic() - kept[0] < KEEP:
            return kept[1]
        answer = self.ask(f'/v3/stacker_set/{cycle}', LARGEST_SET)
        found = (answer or {}).get('stacker_set')
        rows = found.get('signers') if isinstance(found, dict) else None
        if not isinstance(rows, list):
            return None
        keys = {str(row.get('signing_key', '')).lower().removeprefix('0x') for row in rows if isinstance(row, dict)}
        self.sets = {number: each for number, each in self.sets.items() if number >= cycle - 1} | {cycle: (time.monotonic(), keys)}
        return keys

    def ask(self, path, largest=LARGEST):
        """The answer's JSON object; None for anything else."""
        try:
            _, _, body = fetched(f'http://{self.address}{path}', WAIT, largest)
            found = json_value(body)
            return found if isinstance(found, dict) else None
        except (OSError, ValueError):
            return None
