"""
The stand-in for the sBTC signer: reads its TOML, migrates its database, polls bitcoind, takes events, and says what it is.

1 is how it ends when it cannot start; a part that fails later ends it with 0, as the real one does.
"""

import argparse
import base64
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

import config
from world import World

LARGEST = 8 << 20
HERE = os.path.dirname(os.path.realpath(__file__))
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
seen = {'blocks': 0, 'tip': None, 'height': None}


def say(level, message, **fields):
    print(json.dumps({'timestamp': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'level': level, 'fields': {'message': message, **fields}}), flush=True)


def fatal(message):
    """What any running part does when it fails: a clean end, and no word of failure to whoever started it."""
    say('ERROR', message)
    os._exit(0)


class Database:
    """By psql, the only client that Debian has without more."""

    def __init__(self, endpoint):
        parts = urllib.parse.urlsplit(endpoint)
        self.environment = {'PATH': os.environ.get('PATH', '/usr/bin'), 'PGPASSWORD': parts.password, 'PGCONNECT_TIMEOUT': '5', 'PGAPPNAME': 'sbtc-signer'}
        self.words = ['psql', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1', f'--host={parts.hostname}', f'--port={parts.port}',
                      f'--username={parts.username}', f'--dbname={parts.path[1:]}']

    def run(self, sql, whole=False):
        ended = subprocess.run([*self.words, *(['--single-transaction'] if whole else []), '--file=-'], input=sql, env=self.environment, capture_output=True, text=True)
        if ended.returncode:
            raise OSError(ended.stderr.strip())
        return ended.stdout.strip()

    def migrate(self):
        """All of it at once, or nothing; the journal alone says whether it was done."""
        if self.run("SELECT to_regclass('public.__sbtc_migrations') IS NOT NULL") == 't':
            return
        with open(os.path.join(HERE, 'schema.sql'), encoding='utf-8') as file:
            # Numbered to 22, of which the second was never there.
            self.run(file.read() + "\nINSERT INTO public.__sbtc_migrations SELECT lpad(n::text, 4, '0') FROM generate_series(1, 22) n WHERE n <> 2;\n", whole=True)
        say('INFO', 'migrations were applied')


class Bitcoin:

    def __init__(self, endpoint):
        parts = urllib.parse.urlsplit(endpoint)
        # Looked up once, and never again.
        self.address = f'{socket.gethostbyname(parts.hostname)}:{parts.port}'
        self.login = base64.b64encode(f'{parts.username}:{parts.password}'.encode()).decode()

    def call(self, method, *parameters):
        body = json.dumps({'jsonrpc': '1.0', 'id': 1, 'method': method, 'params': parameters}).encode()
        request = urllib.request.Request(f'http://{self.address}/', body, {'Authorization': f'Basic {self.login}'})
        with DIRECT.open(request, timeout=10) as answer:
            return json.load(answer)['result']


def poll(found, database, bitcoin, world):
    while True:
        try:
            tip = bitcoin.call('getbestblockhash')
            block = bitcoin.call('getblockheader', tip)
            network = bitcoin.call('getnetworkinfo')
        except (OSError, ValueError, KeyError) as error:
            say('WARN', f'bitcoind does not answer: {error}')
        else:
            if tip != seen['tip']:
                seen.update(tip=tip, height=block['height'], version=network['version'])
                parent = block.get('previousblockhash', '00' * 32)
                try:
                    database.run(f"INSERT INTO sbtc_signer.bitcoin_blocks (block_hash, block_height, parent_hash) VALUES ('\\x{tip}', {int(block['height'])}, '\\x{parent}') ON CONFLICT DO NOTHING")
                except OSError as error:
                    fatal(f'the database failed: {error}')
                world.observed('bitcoin')
                say('INFO', 'observed a bitcoin block', height=block['height'])
        time.sleep(found['bitcoin'].get('chain_tip_polling_interval', 5))


def watch_database(database):
    while True:
        time.sleep(2)
        try:
            database.run('SELECT 1')
        except OSError as error:
            fatal(f'the database failed: {error}')


def info(found, world):
    shown = {key: value for key, value in found['signer'].items() if key not in ('private_key', 'db_endpoint')}
    try:
        with DIRECT.open(f'{found["stacks"]["endpoints"][0]}/v2/info', timeout=10) as answer:
            node = json.load(answer)
    except (OSError, ValueError):
        node = {}
    return {
        'bitcoin': {'signer_tip': seen['tip'] and {'block_hash': seen['tip'], 'block_height': seen['height']}, 'node_tip': seen['tip'], 'node_version': seen.get('version')},
        'stacks': {'signer_tip': seen['blocks'] or None, 'node_tip': node.get('stacks_tip'), 'node_version': node.get('server_version')},
        'dkg': world.now['dkg'], 'config': shown, 'build_info': {'double': True}, 'timestamp': time.time(),
    }


class Events(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    found = {}
    world = None

    def answer(self, status, body=b'', kind='text/plain'):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == '/info':
            return self.answer(200, json.dumps(info(self.found, self.world)).encode(), 'application/json')
        return self.answer(200 if self.path == '/' else 404)

    def do_POST(self):
        length = int(self.headers.get('Content-Length') or 0)
        if length > LARGEST:
            self.close_connection = True
            say('WARN', f'{self.path} has {length} bytes')
            return self.answer(413)
        self.rfile.read(length)
        if self.path == '/new_block':
            seen['blocks'] += 1
            self.world.observed('stacks')
            say('INFO', 'observed a stacks block')
        return self.answer(200 if self.path in ('/new_block', '/attachments/new') else 404)

    def log_message(self, *_):
        pass


class Metrics(Events):

    def do_GET(self):
        self.answer(200 if self.path == '/metrics' else 404, self.world.page())


def serve(bind, handler):
    host, port = bind.rsplit(':', 1)
    server = http.server.ThreadingHTTPServer((host, int(port)), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def meet_peers(bind):
    listener = socket.create_server((bind[0], bind[1]))
    while True:
        # Whoever calls is not in the set.
        listener.accept()[0].close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('-c', '--config', required=True)
    parser.add_argument('--migrate-db', action='store_true')
    parser.add_argument('-o', '--output-format', choices=('pretty', 'json'))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    try:
        for name in os.environ:
            if name.startswith('SIGNER_'):
                raise config.Wrong(f'{name} in the environment would take the place of the file')
        found = config.read(options.config)
        database = Database(found['signer']['db_endpoint'])
        database.run('SELECT 1')
        if options.migrate_db:
            database.migrate()
        bitcoin = Bitcoin(found['bitcoin']['rpc_endpoints'][0])
        world = World(os.path.join(os.path.dirname(options.config), 'world.json'))
        Events.found, Events.world = found, world
        serve(found['signer']['event_observer']['bind'], Events)
        if 'prometheus_exporter_endpoint' in found['signer']:
            serve(found['signer']['prometheus_exporter_endpoint'], Metrics)
        for one in found['signer']['p2p']['listen_on']:
            parts = urllib.parse.urlsplit(one)
            if parts.scheme == 'tcp':
                threading.Thread(target=meet_peers, args=((parts.hostname, parts.port),), daemon=True).start()
    except (config.Wrong, OSError) as error:
        say('ERROR', f'the signer cannot start: {error}')
        return 1
    say('INFO', 'the signer runs', public_key=config.public_key(found['signer']['private_key']))
    threading.Thread(target=watch_database, args=(database,), daemon=True).start()
    poll(found, database, bitcoin, world)
    return 0


if __name__ == '__main__':
    sys.exit(main())
