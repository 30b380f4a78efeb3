"""
Asks twice a day which releases of Stacks and of sBTC are the newest, and gives out whether this stack runs older ones:

  releases.py [--health]

RUNS_NODE, RUNS_SIGNER and RUNS_SBTC are the releases here; RELEASES_URL and SBTC_RELEASES_URL are other places to ask.
"""

import os
import re
import signal
import sys
import threading
import time
import urllib.request

from exposition import OUTSIDE, TYPE, Page, fetched, healthy, json_value, serve
from printable import printable

URL = 'https://api.github.com/repos/stacks-network/stacks-core/releases/latest'
SBTC_URL = 'https://api.github.com/repos/stacks-sbtc/sbtc/releases/latest'
FORM = re.compile(r'\d+(\.\d+){2,6}')
PAUSE = 12 * 3600
AFTER_FAILURE = 900


def main(arguments):
    port = int(os.environ['LISTEN'])
    if arguments == ['--health']:
        return healthy(port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    told = [
        Newest(os.environ.get(place, url), {program: os.environ[runs] for program, runs in programs if os.environ.get(runs)})
        for place, url, programs in (
            ('RELEASES_URL', URL, (('stacks-node', 'RUNS_NODE'), ('stacks-signer', 'RUNS_SIGNER'))),
            ('SBTC_RELEASES_URL', SBTC_URL, (('sbtc-signer', 'RUNS_SBTC'),)),
        )
    ]
    followed = [newest for newest in told if newest.runs]
    for newest in followed:
        threading.Thread(target=newest.follow, daemon=True).start()

    def metrics():
        page = Page()
        for newest in followed:
            newest.measure(page)
        return 200, TYPE, page.text()
    serve(port, {'/healthy': lambda: (200, 'text/plain', b'healthy\n'), '/metrics': metrics})


class Newest:
    """Of one list; `runs` maps the programs that are published there to the release that runs here."""

    def __init__(self, url, runs):
        self.url = url
        self.runs = runs
        self.tag = None

    def follow(self):
        while True:
            try:
                self.tag = ask(self.url)
                print(f'releases: the newest of {", ".join(self.runs)} is {self.tag}', flush=True)
                time.sleep(PAUSE)
            except (OSError, ValueError) as error:
                # What was known stays known; without any answer there is no number.
                print(printable(f'releases: {self.url} cannot be asked: {error}'), flush=True)
                time.sleep(AFTER_FAILURE)

    def measure(self, page):
        for program, runs in self.runs.items():
            if self.tag:
                page.gauge('stack_newer_release', 'Whether there is a newer release than the one that runs.',
                           int(numbers(self.tag) > numbers(runs)), program=program, runs=runs, newest=self.tag)


def ask(url):
    request = urllib.request.Request(url, headers={'User-Agent': 'stacks-signer-stack', 'Accept': 'application/vnd.github+json'})
    _, _, body = fetched(request, 30, 1 << 20, OUTSIDE)
    found = json_value(body)
    tag = found.get('tag_name') if isinstance(found, dict) else None
    # sBTC's tags begin with a v, those of Stacks do not.
    release = tag.removeprefix('v') if isinstance(tag, str) else ''
    if not FORM.fullmatch(release):
        raise ValueError('the answer names no release')
    return release


def numbers(version):
    return [int(part) for part in version.split('.')]


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
