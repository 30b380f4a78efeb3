"""A check looks for one known fault. Here is what it may answer, in which order findings are told, and what that means to scripts."""

import json
from dataclasses import dataclass, field

from evidence import Missing, TooSoon, plain

ORDER = ('fault', 'wait', 'risk')
INCOMPLETE = 'the evidence ends early'


@dataclass(frozen=True)
class Check:
    """
    `looks` says what for. `level` is fault (signing is at stake now), wait (it goes on by itself) or risk (to be put right).
    `needs` are services of which one must be on this host. `because` are checks that explain this one when they find
    something. `free`: that it cannot tell is no reason to distrust the whole. `find` takes the Evidence and returns None
    for fine, a Found, or the text of one; it raises Missing where it cannot look.
    """
    id: str
    looks: str
    level: str
    remedy: str
    find: object
    needs: tuple = ()
    because: tuple = ()
    free: bool = False


@dataclass(frozen=True)
class Found:
    """What was seen; level and remedy only where they differ from the check's own."""
    evidence: str
    level: str = ''
    remedy: str = ''


@dataclass
class Verdict:
    findings: list = field(default_factory=list)
    unknown: list = field(default_factory=list)
    fine: list = field(default_factory=list)
    distrust: list = field(default_factory=list)

    @property
    def code(self):
        """0 healthy, 1 something was found, 2 could not look."""
        return 1 if self.findings else 2 if self.distrust else 0


def table(checks):
    """A decorator that puts a function into `checks` as the next row."""
    def row(id, looks, remedy, level='fault', **more):
        def add(find):
            checks.append(Check(id, looks, level, remedy, find, **more))
            return find
        return add
    return row


def judge(seen, checks):
    """
    Findings in the order in which they should be looked at: first faults that nothing else explains, then what is only to
    be waited for, then what follows from those, then risks; each from the ground up, as the table has them.
    """
    verdict = Verdict()
    found = {}
    for check in checks:
        try:
            if check.needs and not seen.here(*check.needs):
                continue
            answer = check.find(seen)
        except Missing as missing:
            verdict.unknown.append((check, plain(missing), check.free or isinstance(missing, TooSoon)))
            continue
        except Exception as error:  # evidence that no reader foresaw must not hide the other checks
            verdict.unknown.append((check, f'the evidence could not be read ({type(error).__name__})', False))
            continue
        if answer is None:
            verdict.fine.append(check)
        else:
            found[check.id] = (check, answer if isinstance(answer, Found) else Found(str(answer)))
    rows = [entry(at, check, answer, found) for at, (check, answer) in enumerate(found.values())]
    verdict.findings = [row for _, row in sorted(rows, key=lambda one: one[0])]
    verdict.distrust = ([] if seen.complete else [INCOMPLETE]) + [f'{check.id}: {why}' for check, why, expected in verdict.unknown if not expected]
    return verdict


def entry(at, check, answer, found):
    level = answer.level or check.level
    causes = [id for id in check.because if id in found and (found[id][1].level or found[id][0].level) != 'risk']
    place = 3 if level == 'risk' else 2 if causes else ORDER.index(level)
    return (place, at), {
        'id': check.id, 'level': level, 'looksFor': check.looks, 'evidence': plain(answer.evidence),
        'remedy': answer.remedy or check.remedy, 'because': causes,
    }


def as_json(verdict, **more):
    return json.dumps({
        **more, 'code': verdict.code, 'findings': verdict.findings,
        'unknown': [{'id': check.id, 'why': why, 'expected': expected} for check, why, expected in verdict.unknown],
        'ok': [check.id for check in verdict.fine], 'couldNotLook': verdict.distrust,
    }, indent=2)


def as_text(verdict, title):
    lines = [title, '']
    for number, found in enumerate(verdict.findings, 1):
        follows = f' (follows from {", ".join(found["because"])})' if found['because'] else ''
        lines += [f'{number}. {found["level"]}: {found["id"]}{follows}',
                  f'   {found["looksFor"]}', f'   seen:   {found["evidence"]}', f'   remedy: {found["remedy"]}', '']
    for check, why, _ in verdict.unknown:
        lines.append(f'unknown: {check.id}: {why}')
    if not seen_end(verdict):
        lines.append(f'unknown: {INCOMPLETE}')
    return '\n'.join([*lines, f'ok: {len(verdict.fine)} checks. {summary(verdict)}'])


def seen_end(verdict):
    return INCOMPLETE not in verdict.distrust


def summary(verdict):
    if verdict.findings:
        return f'{len(verdict.findings)} found; begin with the first.'
    return 'Nothing was found, but what must be known is not: this is no clean bill.' if verdict.distrust else 'Nothing found.'
