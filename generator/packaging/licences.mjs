// Run by `npm run build` with METAFILE OUTPUT: writes the notices of all packages that esbuild has put into the bundle, and
// removes the metafile, which nobody needs at run time. A package that brings no licence text fails the build.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [metafile = '', output = ''] = process.argv.slice(2)
// Paths in it start where esbuild ran, which is where this runs.
const outputs = Object.values(JSON.parse(readFileSync(metafile, 'utf8')).outputs)
const bundled = outputs.flatMap(({ inputs }) => Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0))
const folders = new Set(bundled.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []))

const notices = [...folders].map((folder) => {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|copyright)/i.test(file)).sort()
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()).join('\n\n')
  return { title: `${name} ${version} (${license})`, text, license, source: repository?.url ?? repository }
})

// Packages of one text stand together. One that was published without its text has that of its own repository.
const groups = new Map()
for (const { title, text, license, source } of notices) {
  const found = text || notices.find((other) => other.text && source && other.source === source && other.license === license)?.text
  if (!found) throw new Error(`${title} is in the bundle and brings no licence text`)
  groups.set(found, [...groups.get(found) ?? [], title])
}
const parts = [...groups].map(([text, titles]) => `${[...new Set(titles)].sort().join('\n')}\n\n${text}\n`).sort()
writeFileSync(output, `The files in this folder contain code of these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`)
rmSync(metafile)
