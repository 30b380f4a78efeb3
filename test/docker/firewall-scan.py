"""
firewall-scan.py FROM TO: the open TCP ports of all 65,535 at the address TO, one a line; then "echo" if it answers a ping.

A SYN to each, three times over, so that a busy machine may lose some; the kernel takes back whatever is answered.
"""

import socket
import struct
import sys
import time

source, target = sys.argv[1:3]
six = ':' in target
family = socket.AF_INET6 if six else socket.AF_INET
addresses = [socket.inet_pton(family, address) for address in (source, target)]
sender = 61000


def raw(protocol):
    one = socket.socket(family, socket.SOCK_RAW, protocol)
    one.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE: room for every answer
    one.bind((source, 0))
    one.setblocking(False)
    return one


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def head(port, check):
    return struct.pack('!HHIIBBHHH', sender, port, port, 0, 0x50, 2, 1024, check, 0)


def syns():
    """A SYN for each port. The number of the port stands in it twice, and of all that the checksum covers nothing else differs."""
    length = len(head(0, 0))
    pseudo = b''.join(addresses) + struct.pack('!IHH' if six else '!HH', *([length, 0, 6] if six else [6, length]))
    of_all = ~checksum(pseudo + head(0, 0)) & 0xffff
    for port in range(1, 65536):
        total = of_all + 2 * port
        total = (total >> 16) + (total & 0xffff)
        yield head(port, ~(total + (total >> 16)) & 0xffff)


def answers(one):
    while True:
        try:
            packet = one.recv(2048)
        except BlockingIOError:
            return
        # Of IPv4 a raw socket gives the header too.
        yield packet if six else packet[(packet[0] & 15) * 4:]


def scan():
    one = raw(socket.IPPROTO_TCP)
    found = set()
    packets = list(syns())
    for _ in range(3):
        for port, packet in enumerate(packets):
            try:
                one.sendto(packet, (target, 0))
            except (BlockingIOError, PermissionError):
                time.sleep(0.01)
            if port % 256 == 0:
                time.sleep(0.002)
        time.sleep(1)
        for packet in answers(one):
            port, to, _, _, _, flags = struct.unpack('!HHIIBB', packet[:14])
            if to == sender and flags & 0x12 == 0x12:
                found.add(port)
    return sorted(found)


def echoes():
    one = raw(socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
    request = struct.pack('!BBHHH', 128 if six else 8, 0, 0, 7, 7)
    if not six:
        request = request[:2] + struct.pack('!H', checksum(request)) + request[4:]
    for _ in range(5):
        one.sendto(request, (target, 0))
        time.sleep(0.3)
        if any(packet[0] == (129 if six else 0) and packet[4:8] == request[4:8] for packet in answers(one)):
            return True
    return False


print(*scan(), sep='\n')
if echoes():
    print('echo')
