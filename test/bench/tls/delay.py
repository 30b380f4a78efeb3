"""
Holds every packet that is routed through this network namespace: `delay.py MILLISECONDS DEVICE...`. For kernels without
netem: what comes in from the devices goes through a tunnel device, waits there, and is routed on. Prints `ready`.
"""

import fcntl
import os
import select
import struct
import subprocess
import sys
import time
from collections import deque

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def main(milliseconds, devices):
    tunnel = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tunnel, TUNSETIFF, struct.pack('16sH', b'delay0', IFF_TUN | IFF_NO_PI))
    run('ip link set delay0 up mtu 1500 txqueuelen 10000')
    run('ip route add default dev delay0 table 100')
    for device in devices:
        run(f'ip rule add iif {device} lookup 100')
    for name in ('all', 'default', 'delay0'):
        with open(f'/proc/sys/net/ipv4/conf/{name}/rp_filter', 'w', encoding='ascii') as file:
            file.write('0')
    print('ready', flush=True)
    hold(tunnel, milliseconds / 1000)


def hold(tunnel, seconds):
    held = deque()
    while True:
        wait = max(0, held[0][0] - time.monotonic()) if held else None
        # The kernel's timer is coarse; the last bit is waited for by looking at the clock.
        readable, _, _ = select.select([tunnel], [], [], None if wait is None else max(0, wait - 0.0002))
        if readable:
            take(tunnel, held, seconds)
        while held and held[0][0] <= time.monotonic():
            os.write(tunnel, held.popleft()[1])


def take(tunnel, held, seconds):
    due = time.monotonic() + seconds
    try:
        for _ in range(64):
            held.append((due, os.read(tunnel, 65536)))
    except BlockingIOError:
        pass


def run(command):
    subprocess.run(command.split(), check=True)


if __name__ == '__main__':
    main(float(sys.argv[1]), sys.argv[2:])
