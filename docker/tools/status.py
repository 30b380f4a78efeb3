"""
One screen about the stack, from the evidence on stdin: status.py [--json]

0 everything runs and answers, 1 something does not, 2 could not look.
"""

import json
import sys

from evidence import Evidence, Missing, plain
from status_values import VALUES, containers

WIDTH = 79


def main(arguments):
    seen = Evidence(sys.stdin.buffer.read())
    try:
        head = {name: seen.fact(name) for name in ('stack', 'network', 'node_release', 'signer_release')}
        rows = containers(seen)
    except Missing as missing:
        print(f'status: could not look: {plain(missing)}', file=sys.stderr)
        return 2
    values = {name: value(seen, read) for name, needs, read in VALUES if not needs or seen.here(*needs)}
    code = 2 if not seen.complete else 1 if any(not row['fine'] for row in rows) or any(not one['fine'] for one in values.values()) else 0
    if '--json' in arguments:
        print(json.dumps({
            'stack': head['stack'], 'network': head['network'], 'code': code,
            'releases': {'stacks-node': head['node_release'], 'stacks-signer': head['signer_release']},
            'services': rows, **{name: one for name, one in values.items()},
        }, indent=2))
        return code
    print(clip(f'{head["stack"]} on {head["network"]}'))
    print(clip(f'{"":14}{"state":<34}{"runs":<16}pinned'))
    for row in rows:
        mark = ' ' if row['fine'] else '!'
        print(clip(f'{row["service"]:<13}{mark}{row["state"]:<34}{row["runs"] or "-":<16}{row["pinned"]}'))
    for name, one in values.items():
        for index, line in enumerate(wrapped(one['text'])):
            print(clip(f'{name if index == 0 else "":<13}{" " if one["fine"] or index else "!"}{line}'))
    if code == 2:
        print('The evidence ends early: what is missing above may be well or not.')
    elif code == 1:
        print('! is not as it should be: make doctor says why.')
    return code


def value(seen, read):
    """What `read` makes of the evidence; unknown, with the reason, where it cannot tell."""
    try:
        return {'fine': True, **read(seen)}
    except Missing as missing:
        return {'fine': False, 'text': f'unknown: {plain(missing)}'}
    except Exception as error:  # evidence that no reader foresaw must not hide the other lines
        return {'fine': False, 'text': f'unknown: the evidence could not be read ({type(error).__name__})'}


def wrapped(text):
    """At most two lines of what fits beside the name, and one of what is unknown: --json has the whole of it."""
    room = WIDTH - 14
    text = plain(text)
    if len(text) <= room or text.startswith('unknown: '):
        return [text]
    cut = text.rfind(' ', 0, room + 1)
    cut = cut if cut > 0 else room
    return [text[:cut], text[cut:].strip()]


def clip(text):
    text = plain(text).rstrip()
    return text if len(text) <= WIDTH else f'{text[:WIDTH - 1]}…'


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
