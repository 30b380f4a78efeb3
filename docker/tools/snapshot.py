"""
Fetches the chainstate archive once, unpacks it beside the chain data and renames it into place; then idles, so that a
reboot finds it there. Chain data that exists is never touched. May be killed at any point: the next start goes on.

  snapshot.py            do it         (SNAPSHOT_URL, NETWORK_DIR, SNAPSHOT_SHA256, SNAPSHOT_RETRY_SECONDS)
  snapshot.py --health   exit 0 only when chain data is in place
  snapshot.py --status   one line for humans
"""

import fcntl
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import contextmanager

from files import read_json, remove, sync_directory, write_json
from layout import DATA, LOCK, MARKER, STAGING, TREE, UNPACKED
from report import say, shown, status_line, waiting

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Busy(Exception):
    """Another one is at it."""


def main(arguments):
    if arguments == ['--health']:
        return 0 if os.path.exists(MARKER) else 1
    if arguments == ['--status']:
        print(status_line())
        return 0
    if arguments:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    os.umask(0o027)
    # The work is in a thread of its own, because a name look-up or a slow disk would keep the signal waiting. Every
    # step survives being killed, so there is nothing to tidy up.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    patience = float(os.environ.get('SNAPSHOT_RETRY_SECONDS', '300'))
    threading.Thread(target=work, args=[patience], daemon=True).start()
    os._exit(128 + signal.sigwait(SIGNALS))


def work(patience):
    """Tries until chain data is in place, whatever happens."""
    from source import Stuck, Trouble  # not needed by the health check, which runs every half minute

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
    if not os.path.exists(MARKER):
        with lock():
            if not os.path.exists(MARKER):
                bring(network)
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
    from download import download, verify
    from unpack import unpack

    url = os.environ.get('SNAPSHOT_URL', '')
    pinned = os.environ.get('SNAPSHOT_SHA256', '').lower() or None
    remove(UNPACKED)
    shutil.rmtree(TREE, ignore_errors=True)
    say(f'source {shown(url)}')
    info = download(url, pinned)
    unpack(network, {**info, 'sha256': verify(info, pinned)})
    return read_json(UNPACKED)


def finish(unpacked):
    sync_directory(DATA)
    if unpacked:
        write_json(MARKER, {name: unpacked[name] for name in ('source', 'sha256', 'size')})
    else:
        write_json(MARKER, {'source': 'existing'})


def holds_something(path):
    return os.path.lexists(path) and not (os.path.isdir(path) and not os.listdir(path))


def network_directory():
    network = os.environ.get('NETWORK_DIR', '')
    if not network.isalnum():
        from source import Stuck
        raise Stuck('NETWORK_DIR must name the network\'s directory, mainnet or krypton')
    return network


def size_of_part():
    from download import part_size
    return part_size()


@contextmanager
def lock():
    """Held while chain data is brought: never two at once in one volume. The kernel frees it with the process."""
    os.makedirs(STAGING, exist_ok=True)
    with open(LOCK, 'w', encoding='ascii') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
