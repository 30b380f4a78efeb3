"""Which archive a start goes on with or begins, from where, and in which way; then its bytes are brought."""

import os

import part
import rejected
from bring import bring
from fetch import Fetch
from files import read_json, write_json
from find import Archive, check_line, find, probe
from layout import MAP, PART, PART_INFO
from report import say, shown
from segments import segment_size
from space import choose_mode, free_space
from store import FileStore, LocalStore, MemoryStore
from trouble import Gone, Stuck
from unpack import method
from web import Web


def arrive(network, asked, pinned, wanted, connections, patience):
    """Leaves the tree in TREE and its description in UNPACKED."""
    check_line(asked, pinned)
    archive = held(asked, pinned)
    if archive and rejected.is_known(archive):
        # There may be another by now, or another checksum.
        part.drop()
        archive = None
    complete = archive is not None and part.complete()
    if not complete and not (archive and still_there(archive)):
        archive = find(asked, pinned)
        rejected.refuse_known(archive)
        begin(archive, pinned)
    rejected.refuse_failed(archive)
    if archive.size == 0:
        raise Stuck('the archive is empty: set another SNAPSHOT_URL')
    archive.head = archive.head or part.head()
    method(archive.head)
    if not complete and not archive.path:
        complete = rejected.take_back(archive, segment_size(archive.size), free_space())
    have = archive.size if complete else part.here()
    mode = choose_mode(wanted, archive, have)
    if mode == 'stream' and not complete:
        if have or read_json(PART_INFO).get('mode') == 'stream':
            say('starting from zero: a stream keeps nothing that a later start could use')
        part.forget_bytes()
    write_json(PART_INFO, {**read_json(PART_INFO), 'mode': mode})
    if complete or archive.path:
        store, fetch = LocalStore(archive.path or PART), None
    else:
        store = (FileStore if mode == 'file' else MemoryStore)(archive, connections)
        fetch = Fetch(archive, store, connections, patience)
    bring(network, archive, store, fetch, have, pinned)


def begin(archive, pinned):
    """Holds on to `archive`: the starts to come go on with this very object."""
    old = read_json(PART_INFO)
    if old.get('version') is None or any(old.get(name) != getattr(archive, name) for name in ('url', 'size', 'version')):
        part.drop()
        old = {}
    write_json(PART_INFO, {'asked': archive.asked, 'url': archive.url, 'pinned': pinned, 'sha256': archive.sha256,
                           'size': archive.size, 'version': archive.version, 'segment': segment_size(archive.size),
                           'boot': old.get('boot', part.boot())})


def held(asked, pinned):
    """The archive that an earlier start has begun; None if there is none or it was another."""
    info = read_json(PART_INFO)
    if info.get('asked') != asked:
        if info:
            say(f'dropping what was fetched from {shown(str(info.get("asked")))}')
        part.drop()
        return None
    if not (os.path.exists(PART) and os.path.exists(MAP)) or info.get('segment') != segment_size(info.get('size')):
        part.forget_bytes()
    if asked.startswith('file:') or (info.get('pinned') and not pinned):
        return None
    return Archive(asked, info['url'], pinned or info['sha256'], info['size'], info.get('version'))


def still_there(archive):
    """True if the server still has the archive that was begun; fills in what the part does not tell."""
    web = Web()
    try:
        now = probe(web, Archive(archive.asked, archive.url, archive.sha256))
    except Gone as gone:
        say(f'{shown(archive.url)} is not there any more ({gone}): looking for another')
        return False
    finally:
        web.close()
    if not now.same_as(archive):
        say('starting from zero: the archive has changed')
        return False
    archive.ranges, archive.head = now.ranges, now.head
    if have := part.here():
        say(f'resuming with {100 * have // archive.size} % here')
    return True
