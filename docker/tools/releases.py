"""
Asks twice a day which Stacks release is the newest, and gives out whether this stack runs an older one:

  releases.py [--health]

RUNS_NODE and RUNS_SIGNER are the releases here; RELEASES_URL is another place to ask.
"""

import json
import os
import re
import signal
import sys
import threading
import time
import urllib.request

from exposition import TYPE, Page, healthy, serve

URL = 'https://api.github.com/repos/stacks-network/stacks-core/releases/latest'
PAUSE = 12 * 3600
AFTER_FAILURE = 900


def main(arguments):
    port = int(os.environ['LISTEN'])
    if arguments == ['--health']:
        return healthy(port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    newest = Newest(os.environ.get('RELEASES_URL', URL))
    threading.Thread(target=newest.follow, daemon=True).start()
    serve(port, {'/healthy': lambda: (200, 'text/plain', b'healthy\n'), '/metrics': newest.page})


class Newest:

    def __init__(self, url):
        self.url = url
        self.tag = None

    def follow(self):
        while True:
            try:
                self.tag = ask(self.url)
                print(f'releases: the newest is {self.tag}', flush=True)
                time.sleep(PAUSE)
            except (OSError, ValueError) as error:
                # What was known stays known; without any answer there is no number.
                print(f'releases: {self.url} cannot be asked: {error}', flush=True)
                time.sleep(AFTER_FAILURE)

    def page(self):
        page = Page()
        for program, runs in (('stacks-node', os.environ.get('RUNS_NODE')), ('stacks-signer', os.environ.get('RUNS_SIGNER'))):
            if runs and self.tag:
                page.gauge('stack_newer_release', 'Whether there is a newer release than the one that runs.',
                           int(numbers(self.tag) > numbers(runs)), program=program, runs=runs, newest=self.tag)
        return 200, TYPE, page.text()


def ask(url):
    request = urllib.request.Request(url, headers={'User-Agent': 'stacks-signer-stack', 'Accept': 'application/vnd.github+json'})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = json.loads(answer.read(1 << 20))
    tag = found.get('tag_name') if isinstance(found, dict) else None
    if not isinstance(tag, str) or not re.fullmatch(r'\d+(\.\d+){2,6}', tag):
        raise ValueError('the answer names no release')
    return tag


def numbers(version):
    return [int(part) for part in version.split('.')]


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
