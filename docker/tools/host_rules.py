"""
The lines of host-check: a rule asks for one thing. `look` returns (whether it is well, what was seen), and raises Missing
where it cannot tell. host_access and host_system fill the list.
"""

from dataclasses import dataclass

RULES = []


@dataclass(frozen=True)
class Rule:
    id: str
    asks: str
    why: str
    do: str
    look: object


def rule(id, asks, why, do):
    """A decorator that puts a function into RULES as the next line."""
    def add(look):
        RULES.append(Rule(id, asks, why, do, look))
        return look
    return add
