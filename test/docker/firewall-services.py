"""Says its name to whoever connects: firewall-services.py NAME PORT..., on IPv4 and IPv6; prints "ready" first."""

import asyncio
import sys


async def main(name, ports):
    async def answer(reader, writer):
        # A session goes on: each line comes back.
        writer.write(f'{name}\n'.encode())
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    servers = [await asyncio.start_server(answer, ['0.0.0.0', '::'], int(port), reuse_port=True) for port in ports]
    print('ready', flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main(sys.argv[1], sys.argv[2:]))
