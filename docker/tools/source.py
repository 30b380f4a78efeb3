"""An archive server as a stream of bytes from an offset, and the published checksum."""

import http.client
import os
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request

TIMEOUT = 60
AGENT = 'stacks-signer-stack-snapshot'
ENDINGS = ('.tar.zst', '.tar.gz', '.tgz')


class Trouble(Exception):
    """Goes away by itself: try again soon."""


class Stuck(Exception):
    """Goes away when somebody mends its cause: try again, but seldom."""


class Source:
    """An open archive. `start` is where its bytes begin, `size` the whole archive's (None: unknown)."""

    def __init__(self, stream, start, size, version):
        self.stream, self.start, self.size, self.version = stream, start, size, version

    def read(self):
        """The next bytes; none at the end."""
        try:
            return self.stream.read1(1 << 18)
        except (OSError, http.client.HTTPException) as trouble:
            raise Trouble(f'the connection broke ({plain(trouble)})') from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()


def open_source(url, offset=0, version=None):
    """
    The archive from `offset` on if it still is the `version` seen before and the server can resume; else from zero.
    Redirects are short-lived, so the address is always resolved anew.
    """
    if url.startswith('file:'):
        return open_file(url, offset, version)
    # Without a version to compare, nothing says that the server still has the same bytes.
    headers = {'Range': f'bytes={offset}-', 'If-Range': version} if offset and version else {}
    answer = get(url, headers)
    size = answer.headers.get('Content-Length')
    seen = version_of(answer.headers)
    if answer.status == 200:
        return Source(answer, 0, int(size) if size else None, seen)
    span = re.fullmatch(r'bytes (\d+)-\d+/(\d+)', answer.headers.get('Content-Range', ''))
    if headers and answer.status == 206 and span and int(span[1]) == offset and seen in (None, version):
        return Source(answer, offset, int(span[2]), version)
    answer.close()
    if headers:
        return open_source(url)
    raise Trouble(f'the server answered {answer.status} to a plain request')


def version_of(headers):
    """What If-Range may compare: a strong ETag, or the date."""
    tag = headers.get('ETag', '')
    return tag if tag.startswith('"') else headers.get('Last-Modified')


def open_file(url, offset, version):
    path = urllib.request.url2pathname(urllib.parse.urlsplit(url).path)
    try:
        stream = open(path, 'rb')
        found = os.fstat(stream.fileno())
    except OSError as trouble:
        raise Stuck(f'{path} cannot be read ({trouble.strerror}): mount the archive into this container') from None
    seen = f'{found.st_size}-{found.st_mtime_ns}'
    start = offset if seen == version else 0
    stream.seek(start)
    return Source(stream, start, found.st_size, seen)


def get(url, headers):
    """An open answer below 400. Only what a repetition cannot heal is Stuck."""
    request = urllib.request.Request(url, headers={'User-Agent': AGENT, **headers})
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:
            return get(url, {})
        kind = Stuck if 400 <= error.code < 500 and error.code not in (408, 425, 429) else Trouble
        raise kind(f'the server answered {error.code} {error.reason}') from None
    except (OSError, http.client.HTTPException) as trouble:
        reason = getattr(trouble, 'reason', trouble)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise Stuck(f'the server\'s certificate is not trusted ({reason.verify_message})') from None
        raise Trouble(f'the server cannot be reached ({plain(reason)})') from None
    except ValueError as error:
        raise Stuck(f'SNAPSHOT_URL is not an address ({error})') from None


def checksum(url):
    """The SHA-256 that is published beside the archive, under its name without the archive's ending."""
    parts = urllib.parse.urlsplit(url)
    ending = next((one for one in ENDINGS if parts.path.endswith(one)), '')
    beside = parts._replace(path=f'{parts.path.removesuffix(ending)}.sha256').geturl()
    name = parts.path.rpartition('/')[2].removesuffix(ending) + '.sha256'
    try:
        with open_source(beside) as source:
            text = b''
            while len(text) < 65536 and (block := source.read()):
                text += block
    except Stuck as stuck:
        raise Stuck(f'no checksum {name} beside the archive ({stuck}): set SNAPSHOT_SHA256, or another SNAPSHOT_URL') from None
    found = re.search(rb'\b[0-9A-Fa-f]{64}\b', text)
    if not found:
        raise Stuck(f'{name} beside the archive holds no SHA-256: set SNAPSHOT_SHA256, or another SNAPSHOT_URL')
    return found[0].decode().lower()


def plain(trouble):
    return str(trouble) or type(trouble).__name__
