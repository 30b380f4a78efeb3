"""An archive's bytes, from the first one asked for to chain data in the staging tree that is whole, right and durable."""

import subprocess

import part
import rejected
from digest import Digest
from files import write_json
from find import find
from layout import TREE, UNPACKED
from report import say
from ring import COUNT
from trouble import Changed, Refused, Stuck, Trouble, Unpackable, full
from unpack import Unpacking
from watch import Watch


def bring(network, archive, store, fetch, have, pinned):
    """Fetching, hashing and unpacking go on side by side."""
    unpacking = Unpacking(network, archive.head)
    digest, watch = Digest(COUNT - 1), None
    count = 0
    try:
        if fetch:
            say('downloading, verifying and unpacking')
            fetch.start()
        else:
            say('verifying and unpacking')
        watch = Watch(store, fetch, archive, unpacking)
        while length := store.readinto(block := unpacking.block()):
            unpacking.give(length)
            # What is hashed is what is unpacked: both read these very bytes, at their own pace.
            digest.update(block[:length])
            count += length
            watch.used = count
            watch.raise_error()
        info = {'source': archive.url, 'sha256': digest.end(), 'size': count}
        check_sum(archive, info['sha256'], pinned)
        root = unpacking.finish()
    except BaseException as error:
        # Nothing may write any more when the part is looked at again.
        stop(watch, fetch)
        unpacking.abandon()
        digest.end()
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
        part.drop()
        return Trouble(f'starting from zero: {error}')
    if isinstance(error, rejected.WrongSum):
        return rejected.set_aside(archive, error)
    if isinstance(error, Unpackable):
        return rejected.count_failure(archive, error)
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
        part.drop()
    say('writing everything to the disk')
    # A file at a time would take hours; this waits for the whole file system of the volume.
    subprocess.run(['sync', '-f', TREE], check=True)
    write_json(UNPACKED, {'root': root, **info})


def stop(watch, fetch):
    if fetch:
        fetch.stop()
    if watch:
        watch.stop()
