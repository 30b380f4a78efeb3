"""
Asks the sBTC signer and its blocklist client whether they answer, since their images hold no tool that could:
  sbtc_watch.py           for ever, and says when something changes
  sbtc_watch.py --health  once: 0 if both answer
  sbtc_watch.py --info    prints what the sBTC signer says of itself
  sbtc_watch.py --state   prints what both answer, and what the node says of itself, for make status and make doctor
"""

import concurrent.futures
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request

from exposition import fetched, json_value

WAIT = 8
EVERY = 30
# Of several questions at once, for those who wait for the answer.
SOON = 5
LARGEST = 1 << 20
# Any address will do; this one is that of Bitcoin's first block.
ADDRESS = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'


def status(url, wait=WAIT):
    """The status of the answer, and what was said; None where there is none."""
    try:
        code, _, body = fetched(url, wait, LARGEST)
        return code, body
    except urllib.error.HTTPError as error:
        return error.code, b''
    except (OSError, ValueError):
        return None, b''


def faults(signer, blocklist):
    """What is not well, a line each."""
    found = []
    code, _ = status(f'http://{signer}/')
    if code != 200:
        found.append('sbtc-signer does not answer' if code is None else f'sbtc-signer answers with {code}')
    code, _ = status(f'http://{blocklist}/screen/{ADDRESS}')
    if code is None:
        found.append('blocklist-client does not answer')
    elif code >= 500:
        found.append(f'blocklist-client has no list yet (it answers with {code})')
    return found


def found(answer):
    """The JSON object of an answer; None for anything else."""
    code, text = answer
    try:
        value = json_value(text) if code == 200 else None
    except ValueError:
        value = None
    return value if isinstance(value, dict) else None


def info(signer):
    told = found(status(f'http://{signer}/info'))
    if told is None:
        print('sbtc-info: sbtc-signer does not answer: make logs S=sbtc-signer', file=sys.stderr)
        return 1
    print(json.dumps(told, indent=2))
    return 0


def state(signer, blocklist, node):
    urls = [f'http://{signer}/', f'http://{signer}/info', f'http://{blocklist}/screen/{ADDRESS}', f'http://{node}/v2/info', f'http://{node}/v3/health']
    with concurrent.futures.ThreadPoolExecutor(len(urls)) as together:
        answers = list(together.map(lambda url: status(url, SOON), urls))
    told = found(answers[1]) or {}
    print(json.dumps({'signer': answers[0][0], 'dkg': told.get('dkg'), 'blocklist': answers[2][0], 'node': found(answers[3]), 'health': found(answers[4])}))
    return 0


def watch(signer, blocklist):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    before = None
    while True:
        now = faults(signer, blocklist)
        if now != before:
            print(f'sbtc-watch: {"; ".join(now) or "both answer"}', flush=True)
            before = now
        time.sleep(EVERY)


def main(arguments):
    signer, blocklist = os.environ['SBTC_SIGNER'], os.environ['BLOCKLIST']
    if '--info' in arguments:
        return info(signer)
    if '--state' in arguments:
        return state(signer, blocklist, os.environ['NODE_RPC'])
    if '--health' in arguments:
        found = faults(signer, blocklist)
        print('; '.join(found))
        return 1 if found else 0
    return watch(signer, blocklist)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
