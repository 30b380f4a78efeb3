/** docker/tools/extract.py, `Wall`: what tarfile's filter refuses and changes, though it is not asked about each folder above a file. */

import t from 'tap'
import { python } from './sbtc-setting.ts'
import { needs } from './tools.ts'

// Each case is a list of entries that come one after the other; links are made, also those that are refused.
const script = `
import json, os, sys, tarfile, tempfile
sys.path.insert(0, sys.argv[1])
from extract import Wall

def outcome(filter, member, tree):
    try:
        kept = filter(member, tree)
        return {**kept.get_info(), 'type': kept.type.decode(), 'data': kept.offset_data, 'sparse': kept.sparse}
    except tarfile.FilterError as error:
        return type(error).__name__
    finally:
        if member.issym():
            os.symlink(member.linkname, os.path.join(tree, member.name))

told = []
for entries in json.load(sys.stdin):
    answers = []
    for filter in (Wall(), tarfile.data_filter):
        with tempfile.TemporaryDirectory() as above:
            tree = os.path.realpath(os.path.join(above, 'tree'))
            os.mkdir(tree)
            answers.append([])
            for name, kind, mode, link in entries:
                member = tarfile.TarInfo(name)
                member.type, member.mode, member.linkname = kind.encode(), mode, link
                member.size, member.mtime, member.uid, member.gname, member.offset_data = 5, 1700000000, 1234, 'staff', 512
                answers[-1].append(outcome(filter, member, tree))
    told.append(answers)
print(json.dumps(told))
`

type Entry = readonly [name: string, kind: string, mode: number, link: string]
const file = (name: string, mode = 0o644): Entry => [name, '0', mode, '']
const link = (name: string, to: string): Entry => [name, '2', 0o777, to]

const cases: readonly (readonly [name: string, last: string | null, entries: readonly Entry[]])[] = [
  ['a file', null, [file('a/b/c')]],
  ['modes', null, [0, 0o200, 0o600, 0o644, 0o666, 0o755, 0o777, 0o4755, 0o2711, 0o6777].map((mode) => file(`a/${mode}`, mode))],
  ['a directory', null, [['a/b', '5', 0o777, '']]],
  ['odd names within', null, ['./a', 'a//b', 'a/./b', 'a/../b', 'ü/\n', 'a/..b'].map((name) => file(name))],
  ['a way up', 'OutsideDestinationError', [file('../a')]],
  ['a way up inside', 'OutsideDestinationError', [file('a/../../b')]],
  ['a neighbour whose name begins alike', 'OutsideDestinationError', [file('../tree-of-another/a')]],
  ['the root', 'OutsideDestinationError', [file('a/../../../../../../../etc/passwd')]],
  ['a device', 'SpecialFileError', [['a', '3', 0o644, '']]],
  ['through a link', 'OutsideDestinationError', [file('a'), link('b', '..'), file('b/c')]],
  ['a file after a link', null, [link('b', 'c'), file('b/d'), file('e')]],
  ['an absolute link', 'AbsoluteLinkError', [link('b', '/etc/passwd')]],
]

// zstd, since it stands for archives: a python3 without the filter has nothing to compare with, and is told as missing.
t.test('every entry fares as with the filter itself', needs('python3', 'zstd'), async (t) => {
  const told = JSON.parse(await python(script, cases.map(([, , entries]) => entries))) as readonly (readonly [readonly unknown[], readonly unknown[]])[]
  t.equal(told.length, cases.length)
  for (const [index, [name, last]] of cases.entries()) {
    const [wall, filter] = told[index]!
    t.strictSame(wall, filter, name)
    if (last === null) t.ok(wall.length > 0 && wall.every((one) => typeof one === 'object'), `${name}: let through`)
    else t.equal(wall.at(-1), last, `${name}: refused`)
  }
})
