"""
Fetches the chainstate archive once, unpacks it beside the chain data and renames it into place; then idles, so that a
reboot finds it there. Chain data that exists is never touched. May be killed at any point: the next start goes on.

  snapshot.py                do it          (SNAPSHOT_URL, NETWORK_DIR, SNAPSHOT_SHA256, SNAPSHOT_MODE, SNAPSHOT_CONNECTIONS)
  snapshot.py --health       exit 0 only when chain data is in place
  snapshot.py --status       one line for humans
  snapshot.py --refresh      fetch the archive anew into the staging tree, beside chain data in use
  snapshot.py --swap         put that in place of the chain data, which nobody may be using; the old is kept
  snapshot.py --forget-old   delete what a swap has kept
"""

import os
import shutil
import signal
import sys
import threading
import time

from files import read_json, remove
from layout import DATA, MARKER, REFRESH, STAGING, SWAP, TREE, UNPACKED
from place import Busy, finish, holds_something, lock, network_directory
from printable import printable
from report import say, shown, status_line, waiting

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def main(arguments):
    if arguments == ['--health']:
        return 0 if os.path.exists(MARKER) else 1
    if arguments == ['--status']:
        print(printable(status_line()))
        return 0
    os.umask(0o027)
    if len(arguments) == 1 and arguments[0] in ('--refresh', '--swap', '--forget-old'):
        import refresh
        # Stopped from outside, it just ends: every step survives being killed.
        for one in SIGNALS:
            signal.signal(one, lambda number, _: os._exit(128 + number))
        return refresh.run(arguments[0])
    if arguments:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    # The work is in a thread of its own, because a name look-up or a slow disk would keep the signal waiting. Every
    # step survives being killed, so there is nothing to tidy up.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    patience = float(os.environ.get('SNAPSHOT_RETRY_SECONDS', '300'))
    threading.Thread(target=work, args=[patience], daemon=True).start()
    os._exit(128 + signal.sigwait(SIGNALS))


def work(patience):
    """Tries until chain data is in place, whatever happens."""
    from trouble import Stuck, Trouble  # not needed by the health check, which runs every half minute

    troubles, before, said = 0, -1, False
    while True:
        try:
            settle()
            return
        except Trouble as trouble:
            now = size_of_part()
            troubles = 1 if now > before else troubles + 1
            before = now
            waiting(str(trouble), pause := min(2 ** min(troubles, 6), 60, patience))
        except Busy:
            # The status file is the other one's.
            if not said:
                say('another snapshot process is at work in this volume; waiting for it')
            said, pause = True, min(10, patience)
        except Stuck as stuck:
            waiting(str(stuck), pause := patience)
        except OSError as error:
            waiting(f'{error.filename or DATA}: {error.strerror or error}', pause := patience)
        except Exception as error:  # a bug must stay visible, and must not take the container down
            waiting(f'unexpected {type(error).__name__}: {error}', pause := patience)
        time.sleep(pause)


def settle():
    """Returns when chain data and marker are in place."""
    network = network_directory()
    if os.path.exists(SWAP):
        from refresh import recover
        with lock():
            recover(network)
    if not os.path.exists(MARKER):
        with lock():
            if not os.path.exists(MARKER):
                bring(network)
    if not os.path.exists(REFRESH):
        shutil.rmtree(STAGING, ignore_errors=True)
    say(f'{status_line()}; nothing more to do')
    if not os.path.isdir(os.path.join(DATA, network)):
        say(f'note: {network}/ is not there; to fetch it again, remove {os.path.basename(MARKER)} and start again')


def bring(network):
    target = os.path.join(DATA, network)
    unpacked = read_json(UNPACKED)
    if holds_something(target):
        # Renamed, and stopped before the marker was written?
        ours = unpacked and not os.path.lexists(unpacked['root'])
        finish(unpacked if ours else None)
        return
    if not (unpacked and os.path.isdir(unpacked['root'])):
        unpacked = fetch_and_unpack(network)
    # Takes the place of nothing or of an empty directory; fails if somebody has put chain data there meanwhile.
    os.rename(unpacked['root'], target)
    finish(unpacked)


def fetch_and_unpack(network):
    from arrive import arrive
    from trouble import Stuck

    url = os.environ.get('SNAPSHOT_URL', '')
    connections = os.environ.get('SNAPSHOT_CONNECTIONS') or '8'
    if not (connections.isdecimal() and 1 <= int(connections) <= 16):
        raise Stuck(f'SNAPSHOT_CONNECTIONS must be a number from 1 to 16, not {connections}')
    remove(UNPACKED)
    shutil.rmtree(TREE, ignore_errors=True)
    say(f'source {shown(url)}')
    arrive(network, url, os.environ.get('SNAPSHOT_SHA256', '').lower() or None, os.environ.get('SNAPSHOT_MODE') or 'auto',
           int(connections), float(os.environ.get('SNAPSHOT_RETRY_SECONDS', '300')))
    return read_json(UNPACKED)


def size_of_part():
    from part import here
    return here()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
