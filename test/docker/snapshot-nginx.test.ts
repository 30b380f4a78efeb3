/** The snapshot against a real nginx, which counts what it has sent. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { freePort } from '../support/port.ts'
import { pieceLength } from '../../docker/programs/snapshot/pieces.ts'
import { chainstate, sha256, tar, zstd } from './archives.ts'
import { arrived, progress, setting, snapshot, written, type Setting } from './snapshot-setting.ts'
import { needs, until } from './tools.ts'

const options = needs('zstd', 'nginx')
const archive = zstd(tar(chainstate('mainnet', 30_000_000)))

/** An nginx with the archive, `directives` for its place, and the bytes that its log says it has sent of it. */
async function nginx(t: Test, directives: string, archive: Buffer): Promise<Setting & { sent(): number }> {
  const set = await setting(t, archive)
  const { root } = set
  root.write('/www/a/chain.tar.zst', archive)
  root.write('/www/a/chain.sha256', sha256(archive))
  const port = await freePort()
  const at = (name: string) => root.at(`/nginx/${name}`)
  mkdirSync(root.at('/nginx'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${at(name)};`).join(' ')
  writeFileSync(at('conf'), `${process.getuid?.() === 0 ? 'user root; ' : ''}worker_processes 1; pid ${at('pid')}; error_log ${at('error')};
    events { worker_connections 64; }
    http { ${temporary} limit_req_zone $server_addr zone=all:1m rate=30r/s; log_format sent '$uri $body_bytes_sent'; access_log ${at('log')} sent;
      server { listen 127.0.0.1:${port}; root ${root.at('/www')}; location /a/ { ${directives} } } }`)
  const started = spawnSync('nginx', ['-c', at('conf'), '-p', root.at('/nginx')], { encoding: 'utf8' })
  if (started.status !== 0) throw new Error(started.stderr)
  // By its number: the folder with its configuration may be gone before.
  await until(() => root.has('/nginx/pid') && root.read('/nginx/pid') !== '', () => (root.has('/nginx/error') ? root.read('/nginx/error') : 'no error log'))
  const master = Number(root.read('/nginx/pid'))
  t.teardown(() => { process.kill(master) })
  const sent = () => readFileSync(at('log'), 'utf8').split('\n').filter((one) => one.includes('.tar.')).reduce((sum, one) => sum + Number(one.split(' ')[1]), 0)
  return { ...set, env: { ...set.env, SNAPSHOT_URL: `http://127.0.0.1:${port}/a/chain.tar.zst` }, sent }
}

t.test('killed at 30 % five times: at most 1.1 times the archive is sent', options, async (t) => {
  const set = await nginx(t, 'limit_rate 256k;', archive)
  for (let kill = 1; kill <= 5; kill += 1) {
    const running = snapshot(t, set.env)
    await running.until(() => written(set.root) * pieceLength(archive.length) > (0.3 + kill / 100) * archive.length, progress(set))
    running.process.kill('SIGKILL')
    await running.ended
  }
  snapshot(t, set.env)
  await arrived(t, set, archive)
  await until(() => set.sent() >= archive.length, () => `${set.sent()} of ${archive.length} bytes sent`)
  t.ok(set.sent() <= 1.1 * archive.length, `${(set.sent() / archive.length).toFixed(3)} times the archive`)
})

t.test('too many requests at once: fewer do it', options, async (t) => {
  const archive = zstd(tar(chainstate('mainnet', 2_000_000)))
  const set = await nginx(t, 'limit_req zone=all burst=3 nodelay; limit_req_status 429;', archive)
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.match(running.said(), /the server answered 429 Too Many Requests; next try in .* with \d of 8 connections/)
  t.ok(set.sent() <= 1.1 * archive.length)
})
