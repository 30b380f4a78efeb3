"""Whether the logs are kept for as long as they should be. The signer needs none of it."""

from verdict import table

CHECKS = []
check = table(CHECKS)


def logs_trouble(seen):
    """Why the logs are not being kept as they should; None where they are, or nobody asked for it."""
    if not seen.fact('log_days'):
        return None
    said = seen.answer('logs-kept')
    age, trouble = said.get('collectedSecondsAgo'), said.get('trouble')
    if not isinstance(age, int):
        # A stack just started has nothing to lose yet.
        return None if seen.now - min((seen.started(name) for name in seen.containers), default=seen.now) < 3600 else 'never collected'
    if age > 3600:
        return f'last collected {age // 3600} h ago'
    return f'the last collection says: {trouble[0]}' if isinstance(trouble, list) and trouble else None


@check('logs-not-kept', 'Logs that are not kept for as long as LOG_RETENTION_DAYS says', '`sudo make logs-install` has systemd collect them; `make logs-collect` shows what is wrong. The signer does not need it, but what Docker holds ends after 100 MB of each container.', level='risk')
def logs_not_kept(seen):
    return logs_trouble(seen)
