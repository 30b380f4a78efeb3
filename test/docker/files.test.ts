/** docker/tools/files.py: the old file or the new one, whatever ends the writing, and the end is seen by who waits for it. */

import t from 'tap'
import { python } from './sbtc-setting.ts'
import { needs } from './tools.ts'

const script = `
import json, os, signal, sys, tempfile
sys.path.insert(0, sys.argv[1])
import files
# As a service is ended: by a signal whose exception comes wherever the program just is.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
told = []
for name in json.load(sys.stdin):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'state.json')
        files.write_json(path, 'old')
        whole = getattr(os, name)
        def ended(*given, **more):
            answer = whole(*given, **more)
            os.kill(os.getpid(), signal.SIGTERM)
            return answer
        setattr(os, name, ended)
        try:
            files.write_json(path, 'new')
            end = 'none'
        except BaseException as error:
            end = f'{type(error).__name__} {error}'
        setattr(os, name, whole)
        with open(path) as file:
            told.append([name, end, json.load(file), os.listdir(folder)])
print(json.dumps(told))`

t.test('SIGTERM while a file is written', needs('python3'), async (t) => {
  const told = JSON.parse(await python(script, ['fchmod', 'fsync', 'rename'])) as unknown
  t.strictSame(told, [
    ['fchmod', 'SystemExit 143', 'old', ['state.json']],
    ['fsync', 'SystemExit 143', 'old', ['state.json']],
    ['rename', 'SystemExit 143', 'new', ['state.json']],
  ])
})
