"""The stand-in for the blocklist client: reads its TOML strictly, and answers for addresses."""

import argparse
import http.server
import json
import os
import re
import signal
import sys
import tomllib


def read(path):
    with open(path, 'rb') as file:
        found = tomllib.load(file)
    assert set(found) == {'server', 'sanctions'}, 'sections'
    assert set(found['server']) == {'host', 'port'}, 'server'
    assert set(found['sanctions']) == {'url', 'header', 'local_path', 'polling_interval'}, 'sanctions'
    assert set(found['sanctions']['header']) == {'key', 'value'}, 'header'
    assert re.fullmatch(r'https?://[^@]+/sanctions', found['sanctions']['url']), 'url'
    assert not found['sanctions']['header']['value'].startswith('@'), 'the header is not filled'
    assert isinstance(found['sanctions']['polling_interval'], int), 'interval'
    return found


class Screen(http.server.BaseHTTPRequestHandler):

    def do_GET(self):
        known = self.path.startswith('/screen/')
        body = json.dumps({'is_blocklisted': False, 'severity': 'Low', 'accept': True}).encode() if known else b''
        self.send_response(200 if known else 404)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('-c', '--config', required=True)
    for name in os.environ:
        if name.startswith('BLOCKLIST_CLIENT_'):
            print(f'{name} in the environment would take the place of the file')
            return 1
    try:
        found = read(parser.parse_args().config)
    except (OSError, ValueError, AssertionError, KeyError) as error:
        print(f'the blocklist client cannot start: {error!r}', flush=True)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print('the blocklist client runs', flush=True)
    http.server.ThreadingHTTPServer((found['server']['host'], found['server']['port']), Screen).serve_forever()


if __name__ == '__main__':
    sys.exit(main())
