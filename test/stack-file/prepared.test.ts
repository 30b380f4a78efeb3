/** Each example from the generator to its volumes: init takes all that is generated, and no placeholder is left. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dataMarker } from '../../generator/catalogue/container.ts'
import { parseStackFile } from '../../docker/programs/shared/stack-file.ts'
import { init } from '../docker/init-setting.ts'
import { makeRoot } from '../docker/tools.ts'
import { testKey } from '../support/command.ts'
import { examples } from '../support/documents.ts'
import { planText } from '../support/pipeline.ts'
import { repository } from '../support/repository.ts'

const value = (name: string): string => {
  if (name.endsWith('private-key')) return testKey
  return name.endsWith('-tls-key') || name.endsWith('-ssh-key') ? '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n' : 'a-word-of-sixteen-letters'
}

for (const example of examples) {
  const { files } = planText(readFileSync(join(repository, 'examples', example), 'utf8'))
  for (const home of [...files.keys()].filter((path) => path.endsWith('config/stack.json')).map((path) => path.slice(0, -'config/stack.json'.length))) {
    t.test(`${example} ${home}`, async (t) => {
      const stack = parseStackFile(files.get(`${home}config/stack.json`)!.content)
      const volumes = [...stack.consumers.flatMap(({ config, data }) => [config?.path, data?.path]), stack.programs?.path].filter((path) => path !== undefined)
      const root = makeRoot(t, volumes)
      for (const [path, { content }] of files) if (/^(config|docker)\//.test(path.slice(home.length)) && path.startsWith(home)) root.write(`/stack/${path.slice(home.length)}`, content)
      for (const name of stack.secrets) root.write(`/run/secrets/${name}`, value(name))
      for (const name of stack.consumers.flatMap(({ config }) => config?.certificates ?? [])) root.write(`/stack/certs/${name}`, 'x\n')
      // As make data-dirs leaves folders of the machine.
      for (const { name, data } of stack.consumers) if (data?.directory) root.write(`${data.path}/${dataMarker}`, `v1 ${stack.stack} ${name} ${'0'.repeat(32)}\n`)
      const { code, out } = await init(root)
      t.equal(code, 0, out)
      t.notMatch(out, testKey)
      for (const path of volumes) {
        const found = readdirSync(root.at(path), { recursive: true, encoding: 'utf8' }).map((name) => `${path}/${name}`).filter((name) => statSync(root.at(name)).isFile())
        for (const name of found) t.notMatch(root.read(name), /(^|[^\w])@[A-Z][A-Z0-9_]{3,}@/m, name)
        t.ok(found.length > 0 || !path.startsWith('/etc/'), `${path} is not empty`)
      }
      for (const name of stack.secrets) if (name.endsWith('private-key') && stack.role === 'active') {
        t.ok(volumes.some((path) => readdirSync(root.at(path), { recursive: true, encoding: 'utf8' }).some((file) => file.endsWith('.toml') && root.read(`${path}/${file}`).includes(testKey))), `${name} is where its program reads it`)
      }
      const again = await init(root)
      t.notMatch(again.out, /written|removed|given/, 'a second run changes nothing')
    })
  }
}
