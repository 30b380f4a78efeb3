"""The numbers of bitcoind, under the names of the usual exporter, by a user that may ask for nothing else."""

import base64
import json
import urllib.request

from exposition import fetched, json_value
from layout import ROOT

USER = 'metrics'
PASSWORD = f'{ROOT}/etc/metrics/bitcoin-metrics-password'
WAIT = 8


class Bitcoin:

    def __init__(self, address):
        self.address = address

    def measure(self, page):
        """Nothing where bitcoind does not answer, so that its absence shows."""
        chain = self.call('getblockchaininfo')
        if not isinstance(chain, dict):
            return
        network = self.call('getnetworkinfo')
        network = network if isinstance(network, dict) else {}
        page.gauge('bitcoin_blocks', 'Height of the chain that is verified.', chain.get('blocks'))
        page.gauge('bitcoin_verification_progress', 'How much of the chain is verified, of 1.', chain.get('verificationprogress'))
        page.gauge('bitcoin_size_on_disk', 'Bytes of blocks on the disk.', chain.get('size_on_disk'))
        page.gauge('bitcoin_peers', 'Connections.', network.get('connections'))
        page.gauge('bitcoin_conn_in', 'Inbound connections.', network.get('connections_in'))
        page.gauge('bitcoin_conn_out', 'Outbound connections.', network.get('connections_out'))
        page.gauge('bitcoin_server_version', 'The version as a number.', network.get('version'))
        page.gauge('bitcoin_uptime', 'Seconds since the start.', self.call('uptime'))

    def call(self, method):
        try:
            with open(PASSWORD, encoding='ascii') as file:
                login = base64.b64encode(f'{USER}:{file.read().strip()}'.encode()).decode()
            body = json.dumps({'jsonrpc': '1.0', 'id': 'metrics', 'method': method, 'params': []}).encode()
            request = urllib.request.Request(f'http://{self.address}/', body, {'Authorization': f'Basic {login}', 'Content-Type': 'application/json'})
            _, _, answer = fetched(request, WAIT, 1 << 20)
            return json_value(answer).get('result')
        except (OSError, ValueError, AttributeError):
            return None
