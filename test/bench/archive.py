"""Writes a tree like chain data for a benchmark: archive.py DIRECTORY MEGABYTES. A quarter of it compresses, the rest does not."""

import os
import random
import sys

MIB = 1 << 20


def main(directory, megabytes):
    numbers = random.Random(4)
    written = 0

    def write(path, size):
        nonlocal written
        place = os.path.join(directory, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, 'wb') as file:
            while size > 0:
                noise = numbers.randbytes(min(size, MIB) * 3 // 4)
                block = noise + b'block height %012d ' % written * (min(size, MIB) // 4 // 26 + 1)
                file.write(block[:min(size, MIB)])
                written += min(size, MIB)
                size -= MIB

    total = megabytes * MIB
    for index in range(total // (20 * MIB) * 20):  # small files, as chain data has them beside its few large ones
        write(f'mainnet/chainstate/blocks/{index % 64:02x}/{index:08x}', 20_000)
    write('mainnet/burnchain/sortition/marf.sqlite', total // 10)
    write('mainnet/chainstate/vm/index.sqlite', total // 8)
    write('mainnet/headers.sqlite', MIB)
    write('mainnet/chainstate/vm/clarity/marf.sqlite.blobs', total - written)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]))
