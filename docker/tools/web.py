"""Requests to servers: redirects followed anew each time, connections kept open, what fails told apart."""

import email.utils
import http.client
import os
import re
import socket
import ssl
import time
import urllib.parse
import urllib.request

from trouble import Gone, Stuck, Trouble

# A connection that brings nothing for so long is given up.
STALL = float(os.environ.get('SNAPSHOT_STALL_SECONDS', '30'))
AGENT = 'stacks-signer-stack-snapshot'
REDIRECTS = (301, 302, 303, 307, 308)
PASSING = (408, 425, 429)
CROWDED = (429, 503)


class Web:
    """The requests of one thread, one after the other."""

    def __init__(self):
        self.connections = {}
        self.answer = None

    def get(self, url, headers=None):
        """
        An answer below 300. An archive may lie in object storage, to which its address redirects, so another host is asked here, and
        nowhere else in the stack: what comes is held against a checksum. Such addresses are short-lived, so none is remembered.
        """
        address = url
        for hop in range(10):
            answer = self.ask(address, headers or {})
            if answer.status in REDIRECTS and (place := answer.headers.get('Location')):
                answer.close()
                address = follow(address, place)
                continue
            if answer.status < 300:
                return answer
            answer.close()
            raise failure(answer, redirected=hop > 0)
        raise Stuck('the server redirects in a circle')

    def ask(self, address, headers):
        parts = urllib.parse.urlsplit(address)
        place = (parts.scheme, parts.hostname, parts.port)
        for fresh in (False, True):
            connection = None if fresh else self.connections.pop(place, None)
            reused = connection is not None
            try:
                connection = connection or connect(parts)
                connection.request('GET', target(connection, parts, address), headers={'User-Agent': AGENT, **headers})
                line = connection.sock
                response = connection.getresponse()
            except (OSError, http.client.HTTPException, ValueError) as error:
                if connection:
                    connection.close()
                # A server may hang up on a connection that is idle; a new one tells whether it is still there.
                if reused and not isinstance(error, TimeoutError):
                    continue
                raise unreachable(error) from None
            self.answer = Answer(self, place, connection, response, line)
            return self.answer

    def interrupt(self):
        """Ends what another thread is reading here."""
        answer = self.answer
        if answer:
            answer.interrupt()

    def close(self):
        for connection in self.connections.values():
            connection.close()
        self.connections.clear()


class Answer:
    """What a server sends: status, headers, and a body to be read into buffers."""

    def __init__(self, web, place, connection, response, line):
        self.web, self.place, self.connection, self.response = web, place, connection, response
        self.status, self.reason, self.headers = response.status, response.reason, response.headers
        self.socket = line

    def readinto(self, view):
        """Fills `view` as far as the body goes. Returns how much that is."""
        try:
            got = 0
            while got < len(view) and (more := self.response.readinto(view[got:])):
                got += more
            return got
        except TimeoutError:
            raise Trouble(f'a connection brought nothing for {STALL:g} s') from None
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            raise Trouble(f'the connection broke ({plain(error)})') from None

    def read(self, limit):
        view = memoryview(bytearray(limit))
        return bytes(view[:self.readinto(view)])

    def close(self):
        """Keeps the connection for the next request if the body was read, or is too short to matter."""
        try:
            if self.response.length is not None and self.response.length <= 4096:
                self.response.read()
            if self.response.isclosed() and self.connection.sock:
                self.web.connections[self.place] = self.connection
                return
        except (OSError, http.client.HTTPException):
            pass
        self.response.close()
        self.connection.close()

    def interrupt(self):
        try:
            if self.socket:
                self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def connect(parts):
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme)
    if proxy and urllib.request.proxy_bypass(parts.hostname):
        proxy = None
    kind = http.client.HTTPSConnection if parts.scheme == 'https' else http.client.HTTPConnection
    if not proxy:
        return kind(parts.hostname, parts.port, timeout=STALL)
    by = urllib.parse.urlsplit(proxy if '://' in proxy else f'http://{proxy}')
    connection = kind(by.hostname, by.port or 3128, timeout=STALL)
    if parts.scheme == 'https':
        connection.set_tunnel(parts.hostname, parts.port)
    connection.through_proxy = parts.scheme == 'http'
    return connection


def target(connection, parts, address):
    if getattr(connection, 'through_proxy', False):
        return address
    return urllib.parse.quote(urllib.parse.urlunsplit(('', '', parts.path or '/', parts.query, '')), safe="/%:@!$&'()*+,;=~?-._")


def follow(address, place):
    there = urllib.parse.urljoin(address, place)
    if not there.startswith(('http://', 'https://')) or (address.startswith('https:') and not there.startswith('https:')):
        raise Stuck('the server redirects to an address that is not https')
    return there


def failure(answer, redirected):
    """What is the matter with an answer from 300 on. Behind a redirect, a refusal is an address that has expired."""
    text = f'the server answered {answer.status} {answer.reason[:100]}'.rstrip()
    if answer.status in (404, 410) and not redirected:
        return Gone(text)
    if 300 <= answer.status < 500 and answer.status not in PASSING and not redirected:
        return Stuck(text)
    return Trouble(text, retry_after(answer.headers.get('Retry-After')), crowded=answer.status in CROWDED)


def retry_after(text):
    """Seconds from a Retry-After header, which holds seconds or a date; at most an hour."""
    if not text:
        return None
    if re.fullmatch(r'\s*\d{1,18}\s*', text):
        return min(int(text), 3600)
    try:
        return min(max(0, email.utils.parsedate_to_datetime(text).timestamp() - time.time()), 3600)
    except (TypeError, ValueError):
        return None


def count(text):
    """The number in a header; None for what is no number of bytes that could be."""
    return int(text) if re.fullmatch(r'\d{1,18}', text or '', re.ASCII) else None


def unreachable(error):
    if isinstance(error, ssl.SSLCertVerificationError):
        return Stuck(f'the server\'s certificate is not trusted ({error.verify_message})')
    if isinstance(error, (http.client.InvalidURL, UnicodeError)):
        return Stuck(f'SNAPSHOT_URL is not an address ({error})')
    return Trouble(f'the server cannot be reached ({plain(error)})')


def plain(error):
    return str(error) or type(error).__name__
