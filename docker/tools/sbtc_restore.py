"""Brings a dump back into the signer's own database, which must be empty, and only one that was proven just now."""

import os

from files import write_json
from sbtc_database import asker, environment, facts
from sbtc_run import Failed
from sbtc_scratch import decrypt, restore, scratch_folder
from sbtc_store import KNOWN, list_dumps, note
from sbtc_verdict import learned
from sbtc_verify import verify

# Verdicts that the operator may overrule by name: the chain cannot be asked, or moved on. The others say what is wrong with the dump.
OVERRULED = ('chain-unreachable', 'stale')

OBJECTS = """SELECT json_build_object('objects', (
  SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
) + (
  SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname NOT IN ('public', 'information_schema') AND nspname !~ '^pg_'
), 'signers', (
  SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name = 'sbtc-signer'
))"""


def restore_dump(config, dump, confirmed, despite=(), identity=None):
    """The verdict and its text; the database holds the dump if it is proven, or overruled. Raises Failed otherwise."""
    if confirmed != config.database_name:
        raise Failed(f'this fills the database {config.database_name}: confirm it by that name')
    ask = asker(config.database, environment(config))
    check_empty(config, ask)
    verdict, text, found = verify(config, dump, identity, fewer=True)
    if not verdict.proven and not (verdict.name in despite and verdict.name in OVERRULED):
        return verdict, text
    with scratch_folder(config) as folder:
        archive = decrypt(dump, identity or config.identity, folder)
        check_empty(config, ask)
        # In one transaction: a restore that breaks off leaves the database as empty as it was.
        restore(archive, config.database, '--single-transaction', '--no-password', surroundings=environment(config), problem=Failed)
    if facts(ask) != found:
        raise Failed('the database does not hold what was restored on trial: do not start the signer; empty it and try again')
    number = max([dump.number, *(each.number for each in list_dumps(config.store))])
    write_json(os.path.join(config.store, KNOWN), learned(found, number))
    # On a new host the store is empty, and the next dump must not begin the count anew.
    note(config.store, number=number)
    return verdict, text


def check_empty(config, ask):
    state = ask(OBJECTS)
    if state['signers']:
        raise Failed(f'a signer is connected to {config.database_name}: stop it, here and on every other host')
    if state['objects']:
        raise Failed(f'{config.database_name} is not empty ({state["objects"]} objects): nothing is ever restored over a database')
