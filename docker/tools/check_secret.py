"""
Whether init would take what is on stdin for a secret: check_secret.py NAME. For a key it prints the public one.
"""

import sys

from fill import KNOWN, Refused, checked
from public_key import public_key


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in KNOWN:
        print('check_secret.py: say which secret', file=sys.stderr)
        return 2
    name = arguments[0]
    try:
        value = checked(name, sys.stdin.buffer.read(4097), 'the file')
        if name.endswith('_PRIVATE_KEY'):
            print(public_of(value, 'the file'))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def public_of(value, where):
    """The public key. Refused for what is no key of the curve."""
    found = public_key(value)
    if not found:
        raise Refused(f'{where} is no key of secp256k1: it must be above 0 and below the order of the curve')
    return found


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
