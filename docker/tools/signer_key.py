"""The signer's key in secrets/, for what is still Python. Messages name files, never a value."""

import os
import re

from layout import SECRETS

PRIVATE_KEY = re.compile(r'[0-9A-Fa-f]{64}(01)?')


class Refused(Exception):
    """Something the operator has to put right; the text is the one line that is shown."""


def read_signer_key():
    where = 'secrets/signer-private-key'
    try:
        with open(os.path.join(SECRETS, 'signer-private-key'), 'rb') as file:
            value = file.read(4096).decode('latin-1').rstrip('\r\n')
    except OSError as trouble:
        raise Refused(f'{where} cannot be read ({trouble.strerror})') from None
    if not PRIVATE_KEY.fullmatch(value):
        raise Refused(f'{where} is malformed')
    return value
