// The least that any program must do that writes stacks to last: their files, from a list, synced before they get their names, several
// at a time. node files-alone.cjs LIST DIRECTORY...
const { closeSync, fsync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } = require('node:fs')
const { dirname, join } = require('node:path')

const atOnce = 32
const [list, ...directories] = process.argv.slice(2)
const files = Object.entries(JSON.parse(readFileSync(list, 'utf8')))
const syncNow = (path) => {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}
const written = (path, text) => new Promise((resolve, reject) => {
  const file = openSync(path, 'wx')
  writeSync(file, text)
  fsync(file, (cause) => {
    closeSync(file)
    if (cause) reject(cause)
    else resolve()
  })
})

async function main() {
  for (const directory of directories) {
    const folders = new Set(files.map(([path]) => dirname(join(directory, path))))
    for (const folder of folders) mkdirSync(folder, { recursive: true })
    for (let first = 0; first < files.length; first += atOnce) {
      await Promise.all(files.slice(first, first + atOnce).map(([path, text]) => written(join(directory, `${path}.new`), text)))
    }
    for (const [path] of files) renameSync(join(directory, `${path}.new`), join(directory, path))
    for (const folder of folders) syncNow(folder)
  }
}

void main()
