"""Which archive it is: the address that was asked for, brought to one object with one checksum."""

import ipaddress
import os
import re
import stat
import urllib.parse
import urllib.request
from dataclasses import dataclass

from listing import dated_names
from part import HEAD
from report import say, shown
from trouble import Gone, Stuck
from web import Web, count

ENDINGS = ('.tar.zst', '.tar.gz', '.tgz')
# A checksum file: how long a line with a name in it may be, and how many dated archives are asked for.
LONGEST_LINE, DATED = 1000, 8
# A name that means itself in an address.
PLAIN_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._+~-]*')


@dataclass
class Archive:
    """`asked` is the operator's address, `url` the object it stands for. `size` and `version` may be unknown (None)."""
    asked: str
    url: str
    sha256: str
    size: int = None
    version: str = None
    ranges: bool = False
    head: bytes = b''
    path: str = None

    def same_as(self, other):
        """True if nothing says that the two are different objects."""
        return self.size == other.size and (None in (self.version, other.version) or self.version == other.version)


def find(asked, pinned):
    """The archive at `asked`. `pinned` is the checksum that the operator gave, or None: then the published one counts."""
    if asked.startswith('file:'):
        return local(asked, pinned)
    web = Web()
    try:
        return choose(web, asked, pinned)
    finally:
        web.close()


def check_line(asked, pinned):
    """Stuck for an archive and a checksum that come over a line on which anybody may have replaced both."""
    parts = urllib.parse.urlsplit(asked)
    if parts.scheme == 'http' and not pinned and not is_loopback(parts.hostname):
        raise Stuck('SNAPSHOT_URL with http:// needs SNAPSHOT_SHA256: on this line the archive and the checksum beside it can be replaced '
                    'together; set SNAPSHOT_SHA256 from a source you trust, or an address that begins with https://')


def is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def choose(web, asked, pinned):
    """The first of the candidates that exists."""
    gone = None
    for url, sha256 in candidates(web, asked, pinned):
        try:
            archive = probe(web, Archive(asked, url, sha256))
        except Gone as error:
            gone = gone or error
            continue
        if url != asked:
            say(f'{name_of(asked)} is {name_of(url)}')
        return archive
    raise Gone(f'{name_of(asked)}: {gone}; {dated_names(web, asked)}')


def candidates(web, asked, pinned):
    """
    Addresses and their checksums, the best first. The name in a checksum file tells which dated object `latest` is; it is
    held to from then on, so that the archive does not change under a download of hours.
    """
    stem, ending = split(asked)
    try:
        published = checksums(web, asked)
    except Gone as error:
        if not pinned:
            # Where the archive is not there either, that is what has to be said.
            probe(web, Archive(asked, asked, ''), missing=lambda: f'; {dated_names(web, asked)}')
            raise Stuck(f'no checksum {name_of(stem)}.sha256 beside the archive ({error}): set SNAPSHOT_SHA256, or another '
                        'SNAPSHOT_URL') from None
        published = []
    if not published and not pinned:
        raise Stuck(f'{name_of(stem)}.sha256 beside the archive holds no SHA-256: set SNAPSHOT_SHA256, or another SNAPSHOT_URL')
    found = []
    if 'latest' in name_of(asked):
        dated = [(sha256, name) for sha256, name in published if split(name)[1] and 'latest' not in name and PLAIN_NAME.fullmatch(name)]
        for sha256, name in sorted(dated, key=lambda one: ENDINGS.index(split(one[1])[1]))[:DATED]:
            found.append((beside(asked, name), pinned or sha256))
    named = {name: sha256 for sha256, name in published}
    other = '.tar.gz' if ending == '.tar.zst' else ''
    for url in (asked, *([stem_url(asked, stem + other)] if other else [])):
        # A checksum alone stands for the archive beside it, unless it says that it is of another kind.
        alone = [sha256 for sha256, name in published if len(published) == 1 and split(name)[1] in ('', split(url)[1])]
        if sha256 := pinned or named.get(name_of(url)) or next(iter(alone), None):
            found.append((url, sha256))
    if not found:
        raise Stuck(f'{name_of(stem)}.sha256 holds no checksum of {name_of(asked)}: set SNAPSHOT_SHA256, or another SNAPSHOT_URL')
    return found


def checksums(web, asked):
    """Pairs of checksum and file name ('' where there is none) in the file beside the archive."""
    stem, _ = split(asked)
    text = web.get(stem_url(asked, f'{stem}.sha256')).read(65536).decode('utf-8', 'replace')
    pairs = []
    for line in text.splitlines():
        if len(line) <= LONGEST_LINE and (found := re.search(r'\b[0-9A-Fa-f]{64}\b', line)):
            name = re.search(r'[^\s*/()]+(?:\.tar\.\w+|\.tgz)\b', line)
            pairs.append((found[0].lower(), name[0] if name else ''))
    return pairs


def probe(web, archive, missing=lambda: ''):
    """
    `archive` with its size, version and first bytes. It is asked for by a range, not by HEAD: addresses behind a redirect
    are often signed for GET alone, and the answer shows whether ranges work.
    """
    try:
        answer = web.get(archive.url, {'Range': f'bytes=0-{HEAD - 1}'})
    except Gone as error:
        raise Gone(f'{error}{missing()}') from None
    span = re.fullmatch(r'bytes 0-\d+/(\d+)', answer.headers.get('Content-Range', ''))
    size = count(span[1]) if span else None
    archive.ranges = answer.status == 206 and size is not None
    archive.size = size if archive.ranges else count(answer.headers.get('Content-Length')) if answer.status == 200 else None
    archive.version = version_of(answer.headers)
    archive.head = answer.read(HEAD)
    answer.close()
    return archive


def version_of(headers):
    """What If-Range may compare: a strong ETag, or the date."""
    tag = headers.get('ETag', '')
    return tag if tag.startswith('"') else headers.get('Last-Modified')


def local(asked, pinned):
    path = urllib.request.url2pathname(urllib.parse.urlsplit(asked).path)
    sha256 = pinned
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Stuck(f'{path} is no file: mount the archive into this container')
        with open(path, 'rb') as file:
            head, found = file.read(HEAD), os.fstat(file.fileno())
        if not pinned:
            with open(f'{split(path)[0]}.sha256', encoding='utf-8', errors='replace') as file:
                sha256 = re.search(r'\b[0-9A-Fa-f]{64}\b', file.read(65536))[0].lower()
    except OSError as error:
        if error.filename == path:
            raise Stuck(f'{path} cannot be read ({error.strerror}): mount the archive into this container') from None
        raise Stuck(f'no checksum {error.filename} beside the archive: set SNAPSHOT_SHA256') from None
    except ValueError:
        raise Stuck('SNAPSHOT_URL is not an address of a file') from None
    except TypeError:
        raise Stuck(f'{split(path)[0]}.sha256 holds no SHA-256: set SNAPSHOT_SHA256') from None
    return Archive(asked, asked, sha256, found.st_size, f'{found.st_size}-{found.st_mtime_ns}', head=head, path=path)


def split(url):
    """Address or name without the archive's ending, and that ending ('' if it has none)."""
    path = url.split('?')[0]
    ending = next((one for one in ENDINGS if path.endswith(one)), '')
    return path.removesuffix(ending), ending


def beside(asked, name):
    """The address of `name` in the same folder, with the query that stands behind `asked`."""
    parts = urllib.parse.urlsplit(asked)
    return parts._replace(path=f'{parts.path.rpartition("/")[0]}/{name}').geturl()


def stem_url(asked, path):
    """`path` with the question that stood behind the address."""
    question = asked.partition('?')[2]
    return f'{path}?{question}' if question else path


def name_of(url):
    return shown(url).rpartition('/')[2]
