"""How far back the kept logs reach, what they take, and what is missing."""

from files import read_json
from layout import COLLECTED
from log_days import newest, parts, read, services
from log_gaps import gaps
from log_lines import shown
from log_room import bound, kept

MB = 10**6


def overview(now):
    """All of it as data. `now` is in seconds since 1970; times are as they are stored."""
    said = read_json(COLLECTED)
    at = said.get('at') if isinstance(said.get('at'), int) else None
    return {
        'collectedSecondsAgo': None if at is None else max(0, now - at),
        'trouble': [str(one) for one in said.get('trouble') or []],
        'bytes': kept(), 'mostBytes': bound(),
        'services': {service: about(service) for service in services()},
    }


def about(service):
    there = parts(service)
    first = next((line for part in there for line in read(part)), None)
    last = newest(service)
    return {
        'from': first and first[:30].decode(), 'to': last and last.decode(), 'days': len({part.day for part in there}),
        'bytes': sum(part.size for part in there), 'gaps': gaps(service),
    }


def text(seen, days):
    """The same for people. `days` is how long logs are to be kept."""
    ago = seen['collectedSecondsAgo']
    lines = [
        f'kept for {days} day{"" if str(days) == "1" else "s"}; {"never collected" if ago is None else f"collected {since(ago)} ago"}; '
        f'{size(seen["bytes"])} of at most {size(seen["mostBytes"])}',
        f'{"service":<16}{"from (UTC)":<21}{"to (UTC)":<21}{"days":>5}{"size":>11}{"gaps":>6}',
    ]
    for service, one in seen['services'].items():
        lines.append(f'{service:<16}{moment(one["from"]):<21}{moment(one["to"]):<21}{one["days"]:>5}{size(one["bytes"]):>11}{len(one["gaps"]):>6}')
    for service, one in seen['services'].items():
        lines += [f'gap: {service}, {moment(gap.get("from"))} to {moment(gap.get("to"))}: {gap.get("why")}' for gap in one['gaps'][-5:]]
    lines += [f'trouble: {one}' for one in seen['trouble']]
    return '\n'.join(shown(line.encode('utf-8', 'replace')) for line in lines)


def moment(stamp):
    return str(stamp)[:19].replace('T', ' ') if stamp else '-'


def size(count):
    return f'{count / 1000 / MB:.1f} GB' if count >= 1000 * MB else f'{count / MB:.1f} MB'


def since(seconds):
    return f'{seconds // 86400} days' if seconds >= 172800 else f'{seconds // 3600} h' if seconds >= 7200 else f'{seconds // 60} min' if seconds >= 120 else f'{seconds} s'
