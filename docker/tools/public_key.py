"""The public key of a signer key, to be compared with the one the stack is generated for. The curve is secp256k1."""

import re

PRIVATE_KEY = re.compile(r'[0-9A-Fa-f]{64}(01)?')
PRIME = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
BASE = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
        0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def public_key(key):
    """Compressed, in hexadecimal, of 64 hexadecimal digits or 66 that end in 01. None where it is no key."""
    secret = int(key[:64], 16)
    if not 0 < secret < ORDER:
        return None
    x, y = multiply(secret)
    return f'{2 + y % 2:02x}{x:064x}'


def multiply(factor):
    total, step = None, BASE
    while factor:
        if factor & 1:
            total = add(total, step)
        step = add(step, step)
        factor >>= 1
    return total


def add(one, other):
    if one is None:
        return other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % PRIME == 0:
        return None
    slope = 3 * x1 * x1 * pow(2 * y1, -1, PRIME) if one == other else (y2 - y1) * pow(x2 - x1, -1, PRIME)
    x = (slope * slope - x1 - x2) % PRIME
    return x, (slope * (x1 - x) - y1) % PRIME
