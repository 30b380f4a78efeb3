"""One archive, from the first byte asked for to chain data in the staging tree that is whole, right and durable."""

import hashlib
import os
import subprocess
import threading

import rejected
from fetch import Fetch
from files import read_json, remove, write_json
from find import HEAD, Archive, find, probe
from layout import MAP, PART, PART_INFO, TREE, UNPACKED
from report import Progress, say, shown
from segments import segment_size
from space import RESERVE, choose_mode, free_space
from store import FileStore, MemoryStore, boot, drop_part
from trouble import Changed, Gone, Refused, Stuck, Trouble, full
from unpack import Unpacking, method
from web import Web


class LocalStore:
    """An archive that needs no fetching: a file, or a part that is complete."""

    def __init__(self, path, size):
        self.path, self.size, self.position = path, size, 0

    def blocks(self):
        view = memoryview(bytearray(1 << 20))
        with open(self.path, 'rb', buffering=0) as file:
            while got := file.readinto(view):
                self.position += got
                yield view[:got]

    def mostly_synced(self):
        return True

    def close(self):
        pass


def arrive(network, asked, pinned, wanted, connections, patience):
    """Leaves the tree in TREE and its description in UNPACKED."""
    archive = held(asked, pinned)
    if archive and rejected.is_known(archive):
        # There may be another by now, or another checksum.
        drop_part()
        archive = None
    complete = archive is not None and part_complete()
    if not complete and not (archive and still_there(archive)):
        archive = find(asked, pinned)
        rejected.refuse_known(archive)
        begin(archive, pinned)
    if archive.size == 0:
        raise Stuck('the archive is empty: set another SNAPSHOT_URL')
    archive.head = archive.head or part_head()
    method(archive.head)
    if not complete and not archive.path:
        complete = rejected.take_back(archive, segment_size(archive.size), free_space())
    have = archive.size if complete else here()
    mode = choose_mode(wanted, archive, have)
    if mode == 'stream' and not complete:
        if have or read_json(PART_INFO).get('mode') == 'stream':
            say('starting from zero: a stream keeps nothing that a later start could use')
        forget_bytes()
    write_json(PART_INFO, {**read_json(PART_INFO), 'mode': mode})
    if complete or archive.path:
        store, fetch = LocalStore(archive.path or PART, archive.size), None
    else:
        store = (FileStore if mode == 'file' else MemoryStore)(archive, connections)
        fetch = Fetch(archive, store, connections, patience)
    bring(network, archive, store, fetch, have, pinned)


def begin(archive, pinned):
    """Holds on to `archive`: the starts to come go on with this very object."""
    old = read_json(PART_INFO)
    if old.get('version') is None or any(old.get(name) != getattr(archive, name) for name in ('url', 'size', 'version')):
        drop_part()
        old = {}
    write_json(PART_INFO, {'asked': archive.asked, 'url': archive.url, 'pinned': pinned, 'sha256': archive.sha256,
                           'size': archive.size, 'version': archive.version, 'segment': segment_size(archive.size),
                           'boot': old.get('boot', boot())})


def held(asked, pinned):
    """The archive that an earlier start has begun; None if there is none or it was another."""
    info = read_json(PART_INFO)
    if info.get('asked') != asked:
        if info:
            say(f'dropping what was fetched from {shown(str(info.get("asked")))}')
        drop_part()
        return None
    if not (os.path.exists(PART) and os.path.exists(MAP)) or info.get('segment') != segment_size(info.get('size')):
        forget_bytes()
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
    if have := here():
        say(f'resuming with {100 * have // archive.size} % here')
    return True


def bring(network, archive, store, fetch, have, pinned):
    """Fetching, hashing and unpacking go on side by side."""
    unpacking = Unpacking(network, archive.head)
    digest, watch = hashlib.sha256(), None
    count = 0
    try:
        if fetch:
            say('downloading, verifying and unpacking')
            fetch.start()
        else:
            say('verifying and unpacking')
        watch = Watch(store, fetch, archive, unpacking)
        for block in store.blocks():
            digest.update(block)
            unpacking.feed(block)
            count += len(block)
            watch.used = count
            watch.raise_error()
        info = {'source': archive.url, 'sha256': digest.hexdigest(), 'size': count}
        check_sum(archive, info['sha256'], pinned)
        root = unpacking.finish()
    except BaseException as error:
        # Nothing may write any more when the part is looked at again.
        stop(watch, fetch)
        unpacking.abandon()
        store.close()
        raise translated(error, archive) from None
    # A connection that was overtaken may still be about to write into the part.
    stop(watch, fetch)
    settle(store, root, info)


def check_sum(archive, found, pinned):
    """Stuck, with the bad file set aside, if the archive is not the one that was published."""
    expected = archive.sha256
    if found != expected and not pinned and not archive.path:
        # The archive may have been replaced between the answers for its checksum and for itself.
        try:
            again = find(archive.asked, None)
            expected = again.sha256 if again.url == archive.url else expected
        except (Trouble, Stuck):
            pass
    if found != expected:
        raise rejected.WrongSum(found, expected, 'SNAPSHOT_SHA256' if pinned else 'its publisher')
    say(f'verified: sha256 {found}')


def translated(error, archive):
    if isinstance(error, Changed):
        drop_part()
        return Trouble(f'starting from zero: {error}')
    if isinstance(error, rejected.WrongSum):
        return rejected.set_aside(archive, error)
    if isinstance(error, Refused):
        rejected.remember(archive, archive.sha256, str(error))
    if isinstance(error, OSError) and full(error):
        return Stuck('the disk ran full: make room')
    return error


def settle(store, root, info):
    """Makes the tree survive a power cut, then says so in UNPACKED."""
    part_lost_anyway = not store.mostly_synced()
    store.close()
    if part_lost_anyway:
        # What was never written to the disk need not be, only to be deleted then.
        drop_part()
    say('writing everything to the disk')
    # A file at a time would take hours; this waits for the whole file system of the volume.
    subprocess.run(['sync', '-f', TREE], check=True)
    write_json(UNPACKED, {'root': root, **info})


class Watch:
    """A thread that tells how far it is, and ends it before the disk is full."""

    def __init__(self, store, fetch, archive, unpacking):
        self.store, self.fetch, self.archive, self.unpacking = store, fetch, archive, unpacking
        self.used, self.error = 0, None
        self.over = threading.Event()
        self.progress = Progress()
        self.phase(fetch is None)
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def phase(self, arrived):
        self.arrived = arrived
        phase = 'verifying and unpacking' if arrived else 'downloading'
        self.progress.begin(phase, self.used if arrived else self.store.segments.here, self.archive.size)

    def look(self):
        while not self.over.wait(0.25):
            try:
                if not self.arrived and self.store.segments.complete():
                    self.phase(True)
                done = self.used if self.arrived else self.store.segments.here
                self.progress.tick(done, self.fetch and not self.arrived and self.fetch.pace.trouble or None)
                if free_space() <= 0:
                    raise Stuck(f'the disk is nearly full, so it stops here, with {RESERVE >> 30} GiB or 2 % of it left: make room')
            except Exception as error:
                self.error = error
                self.unpacking.error = self.unpacking.error or error
                if self.fetch:
                    self.store.segments.fail(error)
                return

    def raise_error(self):
        if self.error is not None:
            raise self.error

    def stop(self):
        self.over.set()
        self.thread.join()


def stop(watch, fetch):
    if fetch:
        fetch.stop()
    if watch:
        watch.stop()


def here():
    """How many bytes of the part count."""
    info = read_json(PART_INFO)
    try:
        with open(MAP, 'rb') as file:
            states = file.read()
    except OSError:
        return 0
    count = len(states) - states.count(0) if info.get('boot') == boot() else states.count(2)
    return min(count * info.get('segment', 0), info.get('size') or 0)


def part_complete():
    info = read_json(PART_INFO)
    return os.path.exists(PART) and os.path.exists(MAP) and 0 < (info.get('size') or 0) == here() == os.stat(PART).st_size


def part_head():
    try:
        with open(PART, 'rb') as file:
            return file.read(HEAD)
    except OSError:
        return b''


def forget_bytes():
    """A stream keeps none of the archive, only which one it is."""
    remove(PART)
    remove(MAP)
