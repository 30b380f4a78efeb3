import t from 'tap'
import { locateKeys } from '../../generator/adopt/locate.ts'

const text = `# a comment
top = 1
[node]
  working_dir = "/data" # note
"quoted key" = 2
text = """
rpc_bind = "not here"
"""
rpc_bind = "x"
  [[events_observer]]
endpoint = "a"
events_keys = [
  "a = 1",
]
[[ events_observer ]]
endpoint = "b"
[burnchain]\r
inline = { mode = "x" }\r
[[burnchain.epochs]]
epoch_name = "1.0"
`
const at = locateKeys('f.toml', text)

for (const [path, line, column] of [
  ['top', 2, 1],
  ['node', 3, 1],
  ['node.working_dir', 4, 3],
  ['node.quoted key', 5, 1],
  ['node.rpc_bind', 9, 1],
  ['events_observer', 10, 3],
  ['events_observer[0]', 10, 3],
  ['events_observer[0].endpoint', 11, 1],
  ['events_observer[1]', 15, 1],
  ['events_observer[1].endpoint', 16, 1],
  ['burnchain.inline.mode', 18, 1],
  ['burnchain.epochs', 19, 1],
  ['burnchain.epochs[0].epoch_name', 20, 1],
  ['burnchain.nothing', 17, 1],
  ['nothing', 1, 1],
] as const) t.strictSame(at(path), { file: 'f.toml', line, column }, path)
