"""What may be in an archive of chain data. Checked for each entry before anything of it is on the disk."""

import os
import posixpath
import re
import sqlite3
import stat

from layout import TREE
from trouble import Refused

# What a stacks-node takes for its chain data; half of it makes the node panic.
REQUIRED = ('burnchain/sortition/marf.sqlite', 'chainstate/vm/index.sqlite')
FOLDERS = ('chainstate', 'burnchain')
TOP_FILE = re.compile(r'[A-Za-z0-9_]+\.(sqlite(-wal|-shm|-journal)?|toml|json|txt)')
ADVICE = 'set another SNAPSHOT_URL'


class Entries:
    """The entries of one archive, in their order. The archive's top is the network's directory, or what is in that."""

    def __init__(self, network):
        self.network = network
        self.named = None
        self.links = set()

    def check(self, member):
        """Refuses what would leave the tree or is no chain data; tarfile's own filter comes on top of this."""
        parts = parts_of(member.name)
        if any(parts[:length] in self.links for length in range(1, len(parts) + 1)):
            raise refused(f'{member.name!r} leads through a link')
        if member.islnk() or member.issym():
            # A link up may climb out over another link, so none is taken.
            there = parts_of(member.linkname, f'{member.name!r} is a link to {member.linkname!r}, which')
            if any(there[:length] in self.links for length in range(1, len(there) + 1)):
                raise refused(f'{member.name!r} is a link to a link')
            if member.issym():
                self.links.add(parts)
        elif not (member.isreg() or member.isdir()):
            raise refused(f'{member.name!r} is a device or pipe')
        elif member.isreg() and member.mode & (stat.S_ISUID | stat.S_ISGID):
            raise refused(f'{member.name!r} is set-uid or set-gid')
        if parts:
            self.check_place(parts, member)

    def check_place(self, parts, member):
        top = parts[0]
        if self.named is None:
            self.named = top == self.network
        alone = len(parts) == 1
        if self.named:
            fits = top == self.network and (member.isdir() or not alone)
        else:
            fits = top in FOLDERS and (member.isdir() or not alone)
            fits = fits or (alone and member.isfile() and TOP_FILE.fullmatch(top) is not None)
        if not fits:
            raise refused(f'{"/".join(parts[:2])!r} is neither in {self.network}/ nor in chainstate/ or burnchain/')

    def root(self):
        """The folder that holds the chain data, once all is unpacked; Refused if it is not that of a whole chain."""
        if self.named is None:
            raise Refused(f'the archive is empty: {ADVICE}')
        root = os.path.join(TREE, self.network) if self.named else TREE
        absent = [one for one in REQUIRED if not os.path.isfile(os.path.join(root, one))]
        if absent:
            raise Refused(f'the archive lacks {" and ".join(absent)}, so it holds no whole chainstate: {ADVICE}')
        says = is_mainnet(os.path.join(root, REQUIRED[1]))
        if says is not None and says != (self.network == 'mainnet'):
            raise refused(f'its chain is {"mainnet" if says else "a test network"}, and this stack is on {self.network}')
        return root


def parts_of(name, what=None):
    """The name's parts without `.`; absolute names and `..` are refused, though the filter would bend some of them."""
    parts = tuple(part for part in name.split('/') if part not in ('', '.'))
    if posixpath.isabs(name) or '..' in parts:
        raise refused(f'{what or repr(name)} would leave its directory')
    return parts


def is_mainnet(path):
    """What the chain's own database says; None if it does not."""
    try:
        base = sqlite3.connect(f'file:{path}?mode=ro&immutable=1', uri=True)
        try:
            row = base.execute('SELECT mainnet FROM db_config').fetchone()
        finally:
            base.close()
    except sqlite3.Error:
        return None
    return None if row is None else bool(row[0])


def refused(why):
    return Refused(f'the archive is refused: {why}; {ADVICE}')
