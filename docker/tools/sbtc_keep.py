"""Which dumps may go. Only those that were proven count as kept, so that no failure, however long, ever costs a good one."""

import datetime

from sbtc_verdict import BY_NAME

PERIODS = (('daily', '%Y-%m-%d'), ('weekly', '%G-%V'), ('monthly', '%Y-%m'))


def to_drop(dumps, policy):
    """
    Of the dumps, the oldest first: kept are the `last` newest proven ones, and all that came after the oldest of these; of the
    older proven ones the newest of each day, week and month, as many as the policy has; and the newest of each aggregate
    key. The rest goes. Order is that of the numbers; a clock that jumps can only make more be kept.
    """
    proven = [dump for dump in reversed(dumps) if dump.judged in BY_NAME and BY_NAME[dump.judged].proven]
    if len(proven) <= policy['last']:
        return []
    kept = {dump.number for dump in proven[:policy['last']]}
    oldest = min(kept)
    for period, form in PERIODS:
        kept |= newest_of_each(proven, lambda dump, form=form: date(dump, form), policy[period])
    kept |= newest_of_each(proven, newest_key, None)
    return [dump for dump in dumps if dump.number < oldest and dump.number not in kept]


def newest_of_each(dumps, name, most):
    """Numbers of the first dump of each name, the newest first; those without a name all."""
    seen, kept = set(), set()
    for dump in dumps:
        label = name(dump)
        if label is None or (label not in seen and (most is None or len(seen) < most)):
            kept.add(dump.number)
            seen |= {label} - {None}
    return kept


def date(dump, form):
    try:
        return datetime.datetime.fromisoformat(dump.manifest['made']).strftime(form)
    except (KeyError, TypeError, ValueError):
        return None


def newest_key(dump):
    return str(dump.verified[0]) if dump.verified else None
