"""
Seals the sBTC signer's key for a place away from here, and looks into what was sealed. Runs in the init container: no network.

  sbtc_key.py seal PUBLIC RECIPIENT...   the key on stdin; what is sealed goes to stdout, as text for paper or a file
  sbtc_key.py check PUBLIC               the sealed text and then an age identity on stdin: is it this signer's key?
  sbtc_key.py open PUBLIC                the same; the key goes to stdout, which must be a file
  sbtc_key.py sheet STACK NETWORK PUBLIC the sealed text on stdin; prints a sheet for paper

PUBLIC is the public key that the stack is for, or - where it is not known. 0 done, 1 it is not right, 2 wrongly called.
"""

import hashlib
import os
import re
import subprocess
import sys

from public_key import PRIVATE_KEY, public_key

BEGIN, END = '-----BEGIN AGE ENCRYPTED FILE-----', '-----END AGE ENCRYPTED FILE-----'
LARGEST = 1 << 16
NAME = 'sbtc-signer-private-key'
RECIPIENT = re.compile(r'age1[0-9a-z]{40,120}|ssh-(ed25519|rsa) [A-Za-z0-9+/=]{40,1000}')


class Failed(Exception):
    """What is wrong; one line that holds nothing secret."""


def checked(key, wanted):
    """The public key. Raises Failed for what is no key, or another one; the key itself is never told."""
    if not PRIVATE_KEY.fullmatch(key):
        raise Failed('that is no key of a signer')
    public = public_key(key)
    if wanted != '-' and public != wanted.lower():
        raise Failed(f'it is the key of {public}, and this stack is for {wanted}')
    return public


def seal(content, wanted, recipients):
    for one in recipients:
        if not RECIPIENT.fullmatch(one):
            # Not shown: it may be the private one.
            raise Failed('RECIPIENT is no public key of age or SSH')
    if not recipients:
        raise Failed('nobody to seal it to: RECIPIENT=age1…')
    key = content.decode('latin-1').strip()
    checked(key, wanted)
    ran = subprocess.run(['age', '--armor', *(word for one in recipients for word in ('--recipient', one))], input=f'{key}\n'.encode(), capture_output=True)
    if ran.returncode != 0:
        raise Failed('age refuses a recipient')
    return parted(ran.stdout.decode('latin-1'))[0]


def parted(text):
    """The sealed text as age writes it, and what follows it. What stands before and behind its lines goes."""
    lines = [line.strip().split('  ')[0].strip() for line in text.replace('\r', '').split('\n')]
    try:
        first, last = lines.index(BEGIN), lines.index(END)
    except ValueError:
        raise Failed('there is no sealed key in it') from None
    body = lines[first + 1:last]
    if not body or any(not re.fullmatch(r'[A-Za-z0-9+/]{1,64}={0,2}', line) for line in body):
        raise Failed('a line of it is no base64: compare it with the sheet')
    return '\n'.join([BEGIN, *body, END, '']), '\n'.join(lines[last + 1:])


def opened(content, wanted):
    sealed, rest = parted(content.decode('latin-1'))
    # A sheet has lines of its own before the identity.
    identity = re.search(r'^(AGE-SECRET-KEY-|-----BEGIN [A-Z ]*PRIVATE KEY-----).*', rest, re.MULTILINE | re.DOTALL)
    if not identity:
        raise Failed('IDENTITY is no private key of age or SSH')
    key = age_with(identity[0], sealed)
    return key, checked(key, wanted)


def age_with(identity, sealed):
    """The identity goes by a pipe of its own: it is never on a disk."""
    read, write = os.pipe()
    os.write(write, identity.encode('latin-1')[:4096])
    os.close(write)
    try:
        ran = subprocess.run(['age', '-d', '-i', f'/dev/fd/{read}'], input=sealed.encode(), capture_output=True, pass_fds=(read,))
    finally:
        os.close(read)
    if ran.returncode != 0:
        raise Failed('the identity does not open it, or it is damaged')
    return ran.stdout.decode('latin-1').strip()


def sheet(content, stack, network, public):
    """Each line with the first four digits of its SHA-256, so that an error of whoever types it shows where it is."""
    sealed, _ = parted(content.decode('latin-1'))
    lines = [f'{line:<66}{hashlib.sha256(line.encode()).hexdigest()[:4]}' for line in sealed.splitlines()]
    return '\n'.join([
        f'RECOVERY SHEET: the key of the sBTC signer of {stack}, {network}',
        f'public key   {public}', f'SHA-256      {hashlib.sha256(sealed.encode()).hexdigest()}', '',
        'Who has this sheet and the age identity has the key. Keep the two apart, and both apart from the dumps',
        'of the database: the key opens the shares in them.', '',
        'To bring it back: type the lines below into a file, without the four digits at their ends. The SHA-256 of',
        f'each line begins with these. Then, in the stack\'s directory: make sbtc-key-restore FILE=… IDENTITY=…',
        'Anywhere else, with age alone: age --decrypt --identity IDENTITY FILE',
        'Never start the key while it may still run elsewhere.', '', *lines, '',
        'Sealed on ____________  by ____________  seen by ____________  kept at ____________',
        'Opened on a drill: ____________  ____________  ____________  ____________', ''])


def main(arguments):
    if sys.stdin is None or len(arguments) < 2:
        print('sbtc_key.py: it is run as make sbtc-key-export', file=sys.stderr)
        return 2
    what, *words = arguments
    content = sys.stdin.buffer.read(LARGEST)
    try:
        if what == 'seal':
            print(seal(content, words[0], words[1:]), end='')
        elif what == 'check':
            _, public = opened(content, words[0])
            print(f'sbtc-key: it opens, and it is the key of {public}{"" if words[0] == "-" else ", as it should be"}')
        elif what == 'open' and not sys.stdout.isatty():
            print(opened(content, words[0])[0])
        elif what == 'sheet' and len(words) == 3:
            print(sheet(content, *words))
        else:
            print('sbtc_key.py: it is run as make sbtc-key-export', file=sys.stderr)
            return 2
    except Failed as failed:
        print(f'sbtc-key: {failed}', file=sys.stderr)
        return 1
    except FileNotFoundError:
        print('sbtc-key: age is not in this image: generate again, then make pull', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
