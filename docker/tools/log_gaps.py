"""What is missing in the kept logs, as far as it can be known: {from, to, why}, in a file beside the service's days."""

import os

from files import read_json, write_json
from log_days import folder

ENDED = ('exited', 'dead')


def find_gap(service, container, last, met, first):
    """
    `last` is the newest line's time before a collection, `first` that of the first new line, `met` whether a line that was
    there already came again. A container that was read before has to show the end of what was read; another one cannot.
    """
    if last is None or first is None:
        return None
    known = read_json(note(service))
    if known.get('id') == container:
        why = None if met else 'Docker had thrown lines away before they were collected'
    else:
        # One that had ended when it was last read had no more to say.
        why = 'the container was made anew; the last lines of the one before may be missing' if known.get('id') and not known.get('ended') else None
    return why and {'from': last.decode(), 'to': first.decode(), 'why': why}


def remember(service, container, state):
    """Notes which container was read to its end."""
    now = {'id': container, 'ended': state in ENDED}
    if read_json(note(service)) != now:
        write_json(note(service), now)


def gaps(service):
    found = read_json(book(service)).get('gaps')
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def record(service, gap):
    write_json(book(service), {'gaps': [*gaps(service), gap][-1000:]})


def forget(service, first):
    """Those that ended before the day `first`: of what stood around them nothing is left either."""
    had = gaps(service)
    left = [one for one in had if str(one.get('to', ''))[:10] >= first]
    if left != had:
        write_json(book(service), {'gaps': left})


def note(service):
    return os.path.join(folder(service), '.container.json')


def book(service):
    return os.path.join(folder(service), '.gaps.json')
