"""Numbers as Prometheus reads them, and requests for what others say."""

import http.client
import json
import urllib.parse
import urllib.request

LARGEST_NUMBER = 1 << 63


class SameHost(urllib.request.HTTPRedirectHandler):
    """A redirect is followed on the same host and port alone: whoever is asked could else have us ask what only we can reach."""

    def redirect_request(self, request, file, code, message, headers, there):
        one, other = urllib.parse.urlsplit(request.full_url), urllib.parse.urlsplit(there)
        if (one.scheme, one.netloc) != (other.scheme, other.netloc):
            return None
        return super().redirect_request(request, file, code, message, headers, there)


# For names in the stack's networks: one that does not resolve must not be asked of a proxy.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}), SameHost)
# For the internet, which may need a proxy.
OUTSIDE = urllib.request.build_opener(SameHost)


def fetched(request, wait, largest, opener=DIRECT):
    """Status, headers and body of an answer. Whatever is wrong with it, its size too, is an OSError."""
    try:
        with opener.open(request, timeout=wait) as answer:
            body = answer.read(largest + 1)
    except http.client.HTTPException as error:
        raise OSError(f'a broken answer ({type(error).__name__})') from None
    if len(body) > largest:
        raise OSError(f'an answer of more than {largest >> 20} MiB')
    return answer.status, answer.headers, body


def json_value(body):
    """What JSON means; ValueError for what is none, or nested deeper than can be read."""
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError('JSON that is nested too deep') from None


class Page:
    """Gauges, each with its help once."""

    def __init__(self):
        self.lines = []
        self.named = set()

    def gauge(self, name, help, value, **labels):
        """Nothing at all for a value that is not known, or no number: a wrong zero is worse than no number."""
        if not isinstance(value, (int, float)) or abs(value) > LARGEST_NUMBER:
            return
        if name not in self.named:
            self.named.add(name)
            self.lines += [f'# HELP {name} {help}', f'# TYPE {name} gauge']
        text = ','.join(f'{key}="{escape(each)}"' for key, each in labels.items())
        self.lines.append(f'{name}{{{text}}} {float(value)!r}' if text else f'{name} {float(value)!r}')

    def text(self):
        return '\n'.join([*self.lines, '']).encode()


def escape(value):
    return str(value).replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n')
