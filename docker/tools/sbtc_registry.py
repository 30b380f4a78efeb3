"""What the sBTC registry on the chain answers, from Clarity values as clarity.py has decoded them. Raises Malformed for all else."""

from clarity import Malformed

FIELDS = {'current-aggregate-pubkey', 'current-signer-principal', 'current-signature-threshold', 'current-signer-set'}
KEY_BYTES = 33


def public_key(value, what):
    """The compressed key in a buffer, as lower-case hexadecimal."""
    if not isinstance(value, bytes) or len(value) != KEY_BYTES or value[0] not in (2, 3):
        raise Malformed(f'{what} is no public key')
    return value.hex()


def aggregate_key(value):
    """As public_key; None for the one zero byte that stands there before the first key."""
    return None if value == b'\0' else public_key(value, 'the aggregate key on the chain')


def signer_data(value):
    """Key (or None), set and threshold of what get-current-signer-data answers. Without a key, the set is empty or not yet in use."""
    if not isinstance(value, dict) or set(value) != FIELDS:
        raise Malformed('it has other fields than the answer of an sBTC registry')
    key, keys, threshold = aggregate_key(value['current-aggregate-pubkey']), value['current-signer-set'], value['current-signature-threshold']
    found = [public_key(each, 'one of the signer set on the chain') for each in keys] if isinstance(keys, list) else []
    if not isinstance(keys, list) or len(set(found)) != len(found):
        raise Malformed('the signer set on the chain is no list of public keys, each once')
    if not isinstance(threshold, int) or not (0 < threshold <= len(found) or key is None):
        raise Malformed('the threshold on the chain does not fit its set')
    return key, frozenset(found), threshold
