"""
Reads certificates from the wire, as whoever connects is shown them:

  tls_status.py CA NAME=HOST:PORT/SERVERNAME...

A line for each. Ends with 1 when one is not valid, cannot be asked, or has less than FAIL_DAYS left.
"""

import socket
import ssl
import sys
import time

from printable import printable

WARN_DAYS, FAIL_DAYS = 30, 7
TIMEOUT = 10


def main(arguments):
    if len(arguments) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    authority, *targets = arguments
    return max([look(authority, target) for target in targets])


def look(authority, target):
    name, _, rest = target.partition('=')
    address, _, server = rest.partition('/')
    host, _, port = address.rpartition(':')
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        with socket.create_connection((host.strip('[]'), int(port)), TIMEOUT) as plain:
            # No certificate of ours: the other side shows its own before it asks for one.
            with context.wrap_socket(plain, server_hostname=server.strip('[]')) as wire:
                shown = wire.getpeercert()
    except ssl.SSLCertVerificationError as error:
        return say(name, f'FAIL  the certificate is not valid: {error.verify_message}', 1)
    except (OSError, ssl.SSLError) as error:
        return say(name, f'FAIL  {address} cannot be asked: {error.strerror or error}', 1)
    days = (ssl.cert_time_to_seconds(shown['notAfter']) - time.time()) / 86400
    names = ', '.join(value for _, value in shown.get('subjectAltName', ()))
    verdict, code = ('FAIL', 1) if days < FAIL_DAYS else ('warn', 0) if days < WARN_DAYS else ('ok  ', 0)
    return say(name, f'{verdict}  {days:.0f} days left, until {shown["notAfter"]}, for {names}', code)


def say(name, text, code):
    # Names and reasons come from whoever answered.
    print(printable(f'{name:<12} {text}'))
    return code


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
