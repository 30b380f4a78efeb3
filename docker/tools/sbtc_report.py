"""
Numbers for Prometheus, in files that node-exporter's textfile collector reads. sbtc_backup.prom is written anew only when a
dump is made, encrypted and copied: its age is the age of the last backup.
"""

import os
import time

from exposition import Page
from files import write_atomically
from sbtc_verdict import BY_NAME, VERDICTS

BACKUP, VERIFIED, ATTEMPT, DRILL = 'sbtc_backup.prom', 'sbtc_backup_verify.prom', 'sbtc_backup_attempt.prom', 'sbtc_backup_drill.prom'


def write(config, name, page):
    os.makedirs(config.metrics, 0o755, exist_ok=True)
    # Another user's collector reads it, and there is nothing secret in it.
    write_atomically(os.path.join(config.metrics, name), page.text(), mode=0o644)


def backup_page(dump, dumps):
    page = Page()
    page.gauge('sbtc_backup_last_success_timestamp_seconds', 'When the last dump was made, encrypted and copied.', time.time())
    page.gauge('sbtc_backup_number', 'The number of the last dump; it only grows.', dump.number)
    page.gauge('sbtc_backup_bytes', 'Its size, encrypted.', dump.manifest['bytes'])
    for state, count in counts(dumps).items():
        page.gauge('sbtc_backup_dumps', 'Dumps that are kept: proven, not yet judged or not to be judged, and bad.', count, state=state)
    return page


def counts(dumps):
    found = {'proven': 0, 'open': 0, 'bad': 0}
    for dump in dumps:
        verdict = BY_NAME.get(dump.judged)
        state = 'proven' if verdict and verdict.proven else 'open' if verdict is None or verdict.name in ('not-verified', 'chain-unreachable') else 'bad'
        found[state] += 1
    return found


def verify_page(dump, verdict):
    page = Page()
    page.gauge('sbtc_backup_verify_ok', 'Whether the last verification proved its dump.', int(verdict.proven))
    page.gauge('sbtc_backup_verify_number', 'The number of the dump that was verified last.', dump.number)
    page.gauge('sbtc_backup_verify_timestamp_seconds', 'When that was.', time.time())
    for each in VERDICTS:
        page.gauge('sbtc_backup_verdict', 'What the last verification said of its dump: 1 for that, 0 for the others.', int(each is verdict), verdict=each.name)
    return page


def attempt_page(worked):
    page = Page()
    page.gauge('sbtc_backup_attempt_ok', 'Whether the last try to make and copy a dump worked.', int(worked))
    page.gauge('sbtc_backup_attempt_timestamp_seconds', 'When that was.', time.time())
    return page


def drill_page(dump, verdict, seconds):
    page = Page()
    page.gauge('sbtc_backup_drill_ok', 'Whether the last restore drill ended well.', int(verdict.proven))
    page.gauge('sbtc_backup_drill_timestamp_seconds', 'When that was.', time.time())
    page.gauge('sbtc_backup_drill_seconds', 'How long it took to bring the dump back.', seconds)
    page.gauge('sbtc_backup_drill_number', 'The number of the dump.', dump.number)
    return page
