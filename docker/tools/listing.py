"""Which dated archives a server has, for the operator whose own is not there."""

import re
import urllib.parse

from trouble import Stuck, Trouble

NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._-]*-\d{8}[A-Za-z0-9._-]*\.(?:tar\.zst|tar\.gz|tgz)')
# Of a name, as file systems have it. What is longer would take NAME hours.
SHOWN, LONGEST = 5, 255


def dated_names(web, url):
    """One clause: the newest dated archives beside `url`, or that nothing tells."""
    parts = urllib.parse.urlsplit(url)
    folder = parts.path.rpartition('/')[0] + '/'
    index = parts._replace(path=folder, query='').geturl()
    # What a folder's page links to, else what a bucket lists below the prefix.
    bucket = parts._replace(path='/', query=urllib.parse.urlencode({'list-type': '2', 'prefix': folder.lstrip('/')})).geturl()
    for address in (index, bucket):
        try:
            text = web.get(address).read(1 << 20).decode('utf-8', 'replace')
        except (Trouble, Stuck):
            continue
        found = {urllib.parse.unquote(one).rpartition('/')[2] for one in re.findall(r'(?:href="|<Key>)([^"<?]+)', text)}
        names = sorted((one for one in found if len(one) <= LONGEST and NAME.fullmatch(one)), key=lambda one: (re.findall(r'\d{8}', one)[-1], one))
        if names:
            return f'there are {", ".join(reversed(names[-SHOWN:]))}: set SNAPSHOT_URL to one of them'
    return 'the server lists nothing, so which dated archives it has cannot be known from here: set another SNAPSHOT_URL'
