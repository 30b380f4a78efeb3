"""
Gives out the numbers of signers, nodes and bitcoind on one port, and lets nothing else of them through:

  /metrics            what RPC and bitcoind say
  /signer, /node      their own metrics, as they are
  /signer/heartbeat   whether the signer reaches its node
  /sbtc               the same as /metrics, of the sBTC signer's nodes, and of what else it stands on
  /sbtc-signer, /sbtc-node   their own metrics, as they are
  /healthy            whether this program runs

  metrics.py [--health]

SIGNER, NODE, NODE_RPC and BITCOIN_RPC are host:port, each only where there is one; SIGNER_IDENTITY is its public key.
SBTC_SIGNER, SBTC_INFO, SBTC_NODE, SBTC_NODE_RPC, SBTC_BITCOIN_RPC, BLOCKLIST and POSTGRES are the sBTC signer's, and
SBTC_SIGNATURES says how many of its set must sign.
"""

import os
import signal
import sys
import threading
import time
import urllib.error

from bitcoin import Bitcoin
from exposition import TYPE, Page, fetched, healthy, serve
from node import Node

# Shorter than what Prometheus waits for.
WAIT = 13
LARGEST = 16 << 20
# Two that read at the same time share what was asked.
FRESH = 5


def main(arguments):
    port = int(os.environ['LISTEN'])
    if arguments == ['--health']:
        return healthy(port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ask = os.environ.get
    signer, node, sbtc = ask('SIGNER'), ask('NODE'), ask('SBTC_INFO')
    routes = {'/healthy': lambda: (200, 'text/plain', b'healthy\n'), '/metrics': Own(chains(ask('NODE_RPC'), ask('BITCOIN_RPC'), ask('SIGNER_IDENTITY', ''))).page}
    if signer:
        routes['/signer'] = handed_on(f'http://{signer}/metrics')
        routes['/signer/heartbeat'] = handed_on(f'http://{signer}/heartbeat')
    if node:
        routes['/node'] = handed_on(f'http://{node}/metrics')
    if sbtc:
        # Only where there is one does its file lie beside this.
        from sbtc_numbers import Sbtc
        own = Sbtc(sbtc, ask('BLOCKLIST'), ask('POSTGRES'), int(os.environ['SBTC_SIGNATURES']))
        routes['/sbtc'] = Own([*chains(ask('SBTC_NODE_RPC'), ask('SBTC_BITCOIN_RPC'), ''), own]).page
        routes['/sbtc-signer'] = handed_on(f'http://{os.environ["SBTC_SIGNER"]}/metrics')
    if ask('SBTC_NODE'):
        routes['/sbtc-node'] = handed_on(f'http://{ask("SBTC_NODE")}/metrics')
    print(f'metrics: listening on {port}: {" ".join(sorted(routes))}', flush=True)
    serve(port, routes)


def chains(rpc, bitcoin, identity):
    """A pair of nodes, or what there is of one."""
    return [*([Node(rpc, identity)] if rpc else []), *([Bitcoin(bitcoin)] if bitcoin else [])]


class Own:
    """What is asked here, and not handed on."""

    def __init__(self, sources):
        self.sources = sources
        self.lock = threading.Lock()
        self.taken = None
        self.text = b''

    def page(self):
        with self.lock:
            if self.taken is None or time.monotonic() - self.taken > FRESH:
                page = Page()
                for source in self.sources:
                    source.measure(page)
                self.text, self.taken = page.text(), time.monotonic()
            return 200, TYPE, self.text


def handed_on(url):
    """The answer as it is. Nothing but this one address can be reached through here."""
    def route():
        try:
            status, headers, body = fetched(url, WAIT, LARGEST)
            return status, headers.get('Content-Type', TYPE), body
        except urllib.error.HTTPError as error:
            return error.code, 'text/plain', b'the program refused\n'
        except OSError:
            return 502, 'text/plain', b'the program does not answer\n'
    return route


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
