"""What may be in an archive of chain data. Checked for each entry before anything of it is on the disk."""

import os
import posixpath
import re
import sqlite3
import stat

from layout import TREE
from trouble import Refused, refused

# What a stacks-node takes for its chain data; half of it makes the node panic.
REQUIRED = ('burnchain/sortition/marf.sqlite', 'chainstate/vm/index.sqlite')
FOLDERS = ('chainstate', 'burnchain')
TOP_FILE = re.compile(r'[A-Za-z0-9_]+\.(sqlite(-wal|-shm|-journal)?|toml|json|txt)')
ADVICE = 'set another SNAPSHOT_URL'
# A stacks-node names each block's file by a hash of 32 bytes, in two folders that are named by the first four of them
# (index_block_hash_to_rel_path in blocks.rs). No compression makes less than 32 bytes of that hash, so an archive of chain data
# has at least 10 bytes for each of these three entries. Without that, 109 KB would fill a disk with empty files.
ENTRIES_ALLOWED, BYTES_PER_ENTRY = 10_000, 10
# A block's file lies six levels deep.
DEPTH = 16
# Chain data has no links, but archives of it may.
LINKS = 1000


class Entries:
    """The entries of one archive, in their order. The archive's top is the network's directory, or what is in that."""

    def __init__(self, network):
        self.network = network
        self.named = None
        self.links = set()
        self.count = 0

    def check(self, member, received):
        """
        Refuses what would leave the tree or is no chain data; tarfile's own filter comes on top of this. `received` is how many
        bytes of the archive have been needed so far.
        """
        self.count += 1
        if self.count > ENTRIES_ALLOWED + received // BYTES_PER_ENTRY:
            raise refused(f'it has {self.count} entries in its first {received} bytes, more than chain data can have')
        parts = parts_of(member.name)
        if len(parts) > DEPTH:
            raise refused(f'{named(member)} lies more than {DEPTH} folders deep')
        if member.size < 0 or any(offset < 0 or size < 0 for offset, size in member.sparse or ()):
            raise refused(f'{named(member)} has a size below zero')
        if any(parts[:length] in self.links for length in range(1, len(parts) + 1)):
            raise refused(f'{named(member)} leads through a link')
        if member.islnk() or member.issym():
            # A link up may climb out over another link, so none is taken.
            there = parts_of(member.linkname, f'{named(member)} is a link to {shortened(member.linkname)}, which')
            if any(there[:length] in self.links for length in range(1, len(there) + 1)):
                raise refused(f'{named(member)} is a link to a link')
            if member.islnk() and not os.path.isfile(os.path.join(TREE, *there)):
                # tarfile would read the rest of the archive into memory to find it.
                raise refused(f'{named(member)} is a link to a file that does not stand before it')
            if member.issym():
                self.links.add(parts)
            if len(self.links) > LINKS:
                raise refused(f'it has more than {LINKS} links')
        elif not (member.isreg() or member.isdir()):
            raise refused(f'{named(member)} is a device or pipe')
        elif member.isreg() and member.mode & (stat.S_ISUID | stat.S_ISGID):
            raise refused(f'{named(member)} is set-uid or set-gid')
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
            raise refused(f'{shortened("/".join(parts[:2]))} is neither in {self.network}/ nor in chainstate/ or burnchain/')

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


def named(member):
    return shortened(member.name)


def shortened(name):
    """The name for a message: on one line, and not longer than one."""
    return repr(name if len(name) <= 200 else f'{name[:200]}…')


def parts_of(name, what=None):
    """The name's parts without `.`; absolute names and `..` are refused, though the filter would bend some of them."""
    parts = tuple(part for part in name.split('/') if part not in ('', '.'))
    if '\0' in name:
        raise refused(f'{shortened(name)} is no name of a file')
    if posixpath.isabs(name) or '..' in parts:
        raise refused(f'{what or shortened(name)} would leave its directory')
    return parts


def is_mainnet(path):
    """What the chain's own database says; None if it does not."""
    try:
        base = sqlite3.connect(f'file:{path}?mode=ro&immutable=1', uri=True)
        try:
            # The database is not ours either: db_config may be a view that never ends, or makes a value as large as the memory.
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1 << 20)
            base.set_progress_handler(lambda: True, 1_000_000)
            row = base.execute('SELECT mainnet FROM db_config').fetchone()
        finally:
            base.close()
    except sqlite3.Error:
        return None
    return None if row is None else bool(row[0])
