"""
Holds the host against what the OpSec guide for signers asks for: host_check.py [--json]. It reads and tells; it changes nothing.

Each line is ok, todo or unknown, with what was seen and why it matters.
0 all is ok, 1 something is to be done, 2 something that must be known could not be read.
"""

import json
import sys

import host_access  # noqa: F401  both fill RULES, in this order
import host_system  # noqa: F401
from evidence import Evidence, Missing, plain
from host_rules import RULES


def main(arguments):
    seen = Evidence(sys.stdin.buffer.read())
    lines = [judge(seen, rule) for rule in RULES]
    code = 1 if any(one['state'] == 'todo' for one in lines) else 2 if not seen.complete or not any(one['state'] == 'ok' for one in lines) else 0
    if '--json' in arguments:
        print(json.dumps({'code': code, 'complete': seen.complete, 'lines': lines}, indent=2))
        return code
    for one in lines:
        print(f'{one["state"]:<8} {one["asks"]}')
        print(f'         {one["seen"]}')
        if one['state'] != 'ok':
            print(f'         why: {one["why"]}')
        if one['state'] == 'todo':
            print(f'         do:  {one["do"]}')
    if not seen.complete:
        print('unknown  The evidence ends early: more may be wrong than is told here.')
    count = {state: sum(one['state'] == state for one in lines) for state in ('ok', 'todo', 'unknown')}
    print(f'\n{count["ok"]} ok, {count["todo"]} to do, {count["unknown"]} unknown. Nothing was changed.'
          + (' Some of it only root can see: sudo make host-check.' if count['unknown'] else ''))
    return code


def judge(seen, rule):
    try:
        fine, what = rule.look(seen)
        state = 'ok' if fine else 'todo'
    except Missing as missing:
        state, what = 'unknown', str(missing)
    except Exception as error:  # what no reader foresaw must not hide the other lines
        state, what = 'unknown', f'the evidence could not be read ({type(error).__name__})'
    return {'id': rule.id, 'state': state, 'asks': rule.asks, 'seen': plain(what)[:300], 'why': rule.why, 'do': rule.do}


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
