"""What a signer's database holds, asked with psql: of the running one in one snapshot, and of one restored from a dump."""

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager, suppress

from sbtc_run import Failed, run, tail

PSQL = ('psql', '-X', '-A', '-t', '-q', '-w', '-v', 'ON_ERROR_STOP=1')
WAIT = '15'
# How far below the highest block the hash is taken that tells the chain: deeper than what reorganisations undo.
DEPTH = 10

# Whether the signer has made its tables.
THERE = "SELECT to_json(to_regclass('sbtc_signer.dkg_shares') IS NOT NULL)"

# As the guide has it, but for encode(), which does not depend on how the server shows bytes.
GUIDE = """SELECT coalesce(json_agg(encode(aggregate_key, 'hex') ORDER BY created_at DESC, aggregate_key), '[]')
FROM sbtc_signer.dkg_shares WHERE dkg_shares_status = 'verified'"""

SHARES = """SELECT coalesce(json_agg(json_build_object(
  'key', encode(aggregate_key, 'hex'), 'status', dkg_shares_status, 'threshold', signature_share_threshold,
  'set', (SELECT coalesce(json_agg(encode(each, 'hex') ORDER BY each), '[]') FROM unnest(signer_set_public_keys) AS each),
  'private', CASE WHEN octet_length(encrypted_private_shares) > 0 THEN encode(sha256(encrypted_private_shares), 'hex') END,
  'public', CASE WHEN octet_length(public_shares) > 0 THEN encode(sha256(public_shares), 'hex') END
) ORDER BY created_at DESC, aggregate_key), '[]') FROM sbtc_signer.dkg_shares"""

BLOCKS = f"""SELECT json_build_object('height', max(block_height), 'depth', max(block_height) - {DEPTH}, 'hashes', (
  SELECT coalesce(json_agg(encode(block_hash, 'hex') ORDER BY block_hash), '[]') FROM sbtc_signer.bitcoin_blocks
  WHERE block_height = (SELECT max(block_height) - {DEPTH} FROM sbtc_signer.bitcoin_blocks)
)) FROM sbtc_signer.bitcoin_blocks"""

JOURNAL = "SELECT coalesce(json_agg(key ORDER BY key), '[]') FROM public.__sbtc_migrations"

TABLES = """SELECT coalesce(json_agg(format('%I.%I', nspname, relname) ORDER BY nspname, relname), '[]')
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE relkind IN ('r', 'p') AND nspname <> 'information_schema' AND nspname !~ '^pg_'"""


def count_rows(tables):
    each = ' UNION ALL '.join("SELECT '{}' AS name, count(*) AS rows FROM {}".format(table.replace("'", "''"), table) for table in tables)
    return f"SELECT coalesce(json_object_agg(name, rows ORDER BY name), '{{}}') FROM ({each}) AS counted"


def facts(ask):
    """What is compared: shares, blocks, journal, and the rows of each table. `ask` answers a query with its JSON value."""
    found = {'verified': ask(GUIDE), 'shares': ask(SHARES), 'blocks': ask(BLOCKS), 'journal': ask(JOURNAL)}
    return {**found, 'rows': ask(count_rows(ask(TABLES)))}


def environment(config):
    """What psql and pg_dump must know beside the address; the password is in no argument and in no container's settings."""
    known = {'PGCONNECT_TIMEOUT': WAIT, 'PGAPPNAME': 'sbtc-backup'}
    if not config.passwordFile:
        return known
    try:
        with open(config.passwordFile, encoding='utf-8') as file:
            return {**known, 'PGPASSWORD': file.read().strip('\n')}
    except OSError as error:
        raise Failed(f'{config.passwordFile} cannot be read: {error.strerror}') from None


def asker(address, surroundings, problem=Failed):
    """A function that answers a query on `address`."""
    return lambda query: json.loads(run([*PSQL, '-d', address, '-c', one_line(query)], environment=surroundings, problem=problem))


def one_line(query):
    """The query with its JSON value in one line, whatever names the tables have."""
    return f'SELECT ({query})::jsonb'


@contextmanager
def snapshot(config):
    """The name of a snapshot that pg_dump can use, and a function that asks within it. Nothing can be written in it."""
    with tempfile.TemporaryFile() as said:
        try:
            session = subprocess.Popen([*PSQL, '-d', config.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
                                       env={**os.environ, **environment(config)}, encoding='utf-8')
        except OSError as error:
            raise Failed(f'psql cannot be run: {error.strerror}') from None

        def line(query):
            try:
                session.stdin.write(query + ';\n')
                session.stdin.flush()
                answer = session.stdout.readline()
            except BrokenPipeError:
                answer = ''
            if not answer:
                session.wait()
                said.seek(0)
                raise Failed(f'the database did not answer: {tail(said.read()) or "psql ended"}')
            return answer.rstrip('\n')

        def ask(query):
            return json.loads(line(one_line(query)))

        try:
            name = line('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot()')
            yield name, ask
        finally:
            end(session)


def end(session):
    """So that the server sees it leave; whatever keeps it is no reason to wait for long."""
    with suppress(BrokenPipeError):
        session.stdin.close()
    try:
        session.wait(10)
    except subprocess.TimeoutExpired:
        session.kill()
        session.wait()
    session.stdout.close()
