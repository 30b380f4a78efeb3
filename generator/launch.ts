/** Says at once what the last run of the same words said, where nothing was touched since; else runs the command. */

import { fstatSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { saidBefore, toolFiles, type Said } from './io/standing.ts'

/** `dist` is the folder of the bundle. */
export async function launch(dist: string): Promise<void> {
  const argv = process.argv.slice(2)
  const said = isTerminal(1) || isTerminal(2) ? undefined : saidBefore({ argv, cwd: process.cwd(), environment: process.env, tool: toolFiles(dist) })
  if (said) return tell(said)
  const { runCompiled } = await import('./io/compiled.ts')
  const keep = runCompiled(join(dist, 'command.js'), (name) => import(name))
  // `npm create` fetches a version, and mostly runs it once.
  process.on('exit', (code) => { if (code === 0 && generates(argv) && process.env['npm_command'] !== 'init') keep() })
}

/** What is shown there depends on more than files; and what is slow for people is slower. */
function isTerminal(descriptor: number): boolean {
  return fstatSync(descriptor).isCharacterDevice()
}

/** Such a run has used what the next one will use; of another, such as `--help`, too little would be kept. */
function generates(words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => word.endsWith('.env'))
}

function tell({ out, err }: Said): void {
  for (const [descriptor, stream, text] of [[2, 'stderr', err], [1, 'stdout', out]] as const) {
    const bytes = Buffer.from(text)
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(descriptor, bytes, written)
    } catch {
      // A pipe that is full, or closed: the stream knows what to do, and takes longer to load than all of this.
      process[stream].write(bytes.subarray(written))
    }
  }
}
