// The least that any program must do that writes stacks to last: their files, from a list, synced before they get their names.
// node files-alone.cjs LIST DIRECTORY...
const { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } = require('node:fs')
const { dirname, join } = require('node:path')

const [list, ...directories] = process.argv.slice(2)
const files = Object.entries(JSON.parse(readFileSync(list, 'utf8')))
const sync = (path) => {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}
for (const directory of directories) {
  const folders = new Set(files.map(([path]) => dirname(join(directory, path))))
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  for (const [path, text] of files) {
    const file = openSync(join(directory, `${path}.new`), 'wx')
    writeSync(file, text)
    fsyncSync(file)
    closeSync(file)
  }
  for (const [path] of files) renameSync(join(directory, `${path}.new`), join(directory, path))
  for (const folder of folders) sync(folder)
}
