"""What can go wrong, by what helps against it."""

import errno


class Trouble(Exception):
    """Goes away by itself: try again soon, or after as many seconds as the server asks for."""

    def __init__(self, text, after=None, crowded=False):
        super().__init__(text)
        self.after, self.crowded = after, crowded


class Stuck(Exception):
    """Goes away when somebody mends its cause: try again, but seldom."""


class Refused(Stuck):
    """The archive is no good, however often it is fetched."""


class Unpackable(Trouble):
    """Unpacking did not get to its end, for another reason than the archive's bytes or the disk's room."""


class Gone(Stuck):
    """There is nothing at the address."""


class Changed(Exception):
    """The server now has another archive at the address than the one that was begun."""


def refused(why):
    return Refused(f'the archive is refused: {why}; set another SNAPSHOT_URL')


def full(error):
    """True for a disk, or a quota, that has no room left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
