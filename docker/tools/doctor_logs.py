"""Whether the logs are stored where they should be, and for as long. The signer needs none of it."""

from evidence import plain
from verdict import table

CHECKS = []
check = table(CHECKS)


def journal_trouble(seen):
    """The first setting of config/journald.conf that journald does not have; None where it has all, or Docker keeps the logs."""
    lines = seen.text('journal').splitlines() if seen.fact('log_days') else []
    return plain(lines[0]) if lines else None


@check('logs-not-kept', 'A journal that does not keep the logs for as long as LOG_RETENTION_DAYS says', '`sudo make logs-install` puts config/journald.conf in place. If it is there, another file of /etc/systemd/journald.conf.d is read after it.', level='risk')
def logs_not_kept(seen):
    return journal_trouble(seen)


@check('logs-elsewhere', 'A container whose logs go elsewhere', 'Remove `logging` from docker-compose.override.yml, then `make up`. A container that is older than the files is recreated by `make up`, too.', level='risk')
def logs_elsewhere(seen):
    wanted = seen.fact('log_driver')
    drivers = {service: (one.get('log') or {}).get('Type') for service, one in sorted(seen.containers.items())}
    return next((f'{service}: {plain(str(driver))}, not {wanted}' for service, driver in drivers.items() if wanted and driver != wanted), None)
