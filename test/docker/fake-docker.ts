/** A stand-in for the docker command that answers as an engine with a healthy stack does, and writes down what it was asked. */

import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Setting } from './evidence.ts'
import { initHere, toolFolder } from './tools.ts'

/**
 * Puts `docker` and its answers into `folder`. What a container would run of the tool image runs here, but for filled.py and
 * tls_status.py, which need volumes and a wire.
 */
export function fakeDocker(folder: string, { sections }: Setting, options: { readonly built?: boolean; readonly daemon?: boolean } = {}): void {
  const answer = (name: string) => sections.get(name)?.out ?? ''
  const put = (name: string, text: string) => { writeFileSync(join(folder, name), text) }
  const services = [...answer('containers').matchAll(/"com\.docker\.compose\.service":"([^"]+)"/g)].map((match) => match[1]!)
  const ids = [...answer('containers').matchAll(/^\{"id":"([^"]+)"/gm)].map((match) => match[1]!)
  for (const [name, { out }] of sections) put(name, out)
  put('compose.json', composeJson(answer('config')))
  put('listed', services.map((name, at) => `${name} ${ids[at]} ${name === 'init' ? 'exited' : 'running'} False\n`).join(''))
  put('ids', `${ids.join('\n')}\n`)
  put('docker', `#!/bin/sh
here='${folder}'
# The answers must not depend on what a test environment holds.
echo "$*" >>"$here/asked"
say() { cat "$here/$1"; exit; }
service_of() { awk -v id="$1" '$2 == id { print $1 }' "$here/listed"; }
${options.daemon === false ? 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1' : ''}
case "$*" in
  'version --format {{.Server.Version}}') echo 26.1.5 ;;
  version*) sed -n 1p "$here/engine" ;;
  'info --format {{json .SecurityOptions}}') sed -n 2p "$here/engine" ;;
  'info --format {{.DockerRootDir}}') echo / ;;
  'image inspect'*) ${options.built === false ? 'exit 1' : 'echo []'} ;;
  'compose version --short') sed -n 3p "$here/engine" ;;
  'compose config --format json') say compose.json ;;
  'compose config --hash *') say hashes ;;
  'compose ps'*) printf 'SERVICE STATUS\\ninit Exited (0)\\n' ;;
  'ps --all --no-trunc --filter'*) say listed ;;
  'ps --all --quiet --no-trunc') say ids ;;
  'inspect --type container --format {"id":{{json .ID}},"name":{{json .Name}},"path":{{json .Path}},"image":{{json .Config.Image}},"running"'*) say neighbours ;;
  'inspect --type container'*) say containers ;;
  'volume ls --filter'*) awk '{ print $1 ":" $3 }' "$here/volumes" ;;
  'volume ls'*) say volumes ;;
  'logs --timestamps --tail'*) for last; do :; done; say "logs.$(service_of "$last")" ;;
  'logs --timestamps'*) for last; do :; done; say "logs.$(service_of "$last")" ;;
  exec*observes.sh*) say node.observes ;;
  exec*http-get.sh*/v2/info) say node.info ;;
  exec*http-get.sh*/v3/health) say node.health ;;
  exec*http-get.sh*/v2/pox) say node.pox ;;
  exec*http-get.sh*/v3/stacker_set/140) say node.set ;;
  exec*http-get.sh*/v3/stacker_set/141) say node.next-set ;;
  exec*http-get.sh*/v3/signer/*/140) say node.signed ;;
  exec*http-get.sh*/v3/sortitions*) say node.sortitions ;;
  exec*http-get.sh*/metrics) say signer.metrics ;;
  exec*http-get.sh*/heartbeat) say signer.heartbeat ;;
  exec*http-get.sh*/info) say signer.info ;;
  exec*getblockchaininfo) say bitcoin.chain ;;
  exec*getnetworkinfo) say bitcoin.network ;;
  exec*--status) say snapshot.status ;;
  exec*guard/verdict) say guard.verdict ;;
  exec*backup/state.json) say backup.state ;;
  exec*'df -P'*) printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/nvme0n1p2 3844548608 1884548608 1960000000 50%% /x\\n' ;;
  exec*ulimit*) echo 16384 ;;
  run*' /init.mjs compare') say filled ;;
  ${initHere}
  run*tls_status.py*) say tls.own ;;
  run*/opt/stack/*)
    while [ "$1" != python3 ]; do shift; done
    program=\${2##*/}
    shift 2
    exec python3 -B "${toolFolder}/$program" "$@" ;;
  *) echo "the stand-in knows no: $*" >&2; exit 64 ;;
esac
`)
  chmodSync(join(folder, 'docker'), 0o755)
}

/** Compose's JSON for what evidence.sh cuts out of it, with more around it that must not come through. */
function composeJson(config: string): string {
  const services = [...config.matchAll(/^service (\S+)$/gm)].map((match) => match[1]!)
  const body = services.map((name) => {
    const kept = config.split('\n').filter((line) => line.startsWith(`line ${name} `)).map((line) => line.slice(`line ${name} `.length))
    return `    "${name}": {\n      "command": [\n        "--password=hunter2"\n      ],\n      "environment": {\n        "image": "hunter2",\n        "TOKEN": "hunter2"\n      },\n${kept.join('\n').replace(/,$/, '')}\n    }`
  })
  return `{\n  "name": "sample",\n  "networks": {\n    "x": {\n      "image": "hunter2"\n    }\n  },\n  "services": {\n${body.join(',\n')}\n  },\n  "volumes": {\n    "y": {\n      "image": "hunter2"\n    }\n  }\n}\n`
}

/** What the stand-in was asked so far, one command a line. */
export function asked(folder: string): readonly string[] {
  return readFileSync(join(folder, 'asked'), 'utf8').trimEnd().split('\n')
}
