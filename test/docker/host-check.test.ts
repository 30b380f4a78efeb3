/** inspect host-check: each line can be ok, to do, or unknown, and only what was seen decides. */

import t from 'tap'
import { edit, fail, healthy, judge, patchContainer, stream, type Sections } from './evidence.ts'

interface Line { readonly id: string; readonly state: string; readonly seen: string; readonly why: string; readonly do: string }

async function check(sections: Sections): Promise<{ readonly exit: number; readonly lines: readonly Line[] }> {
  const { code, out, err } = await judge(stream(sections, 'host-check'), 'host-check', '--json')
  if (err) throw new Error(err)
  return { exit: code, lines: (JSON.parse(out) as { lines: readonly Line[] }).lines }
}

t.test('a host as the guide wants it', async (t) => {
  const { exit, lines } = await check(healthy('host-check').sections)
  t.strictSame(lines.filter(({ state }) => state !== 'ok'), [])
  t.equal(exit, 0)
  t.ok(lines.length >= 18)
  for (const line of lines) t.ok(line.why.length > 20 && line.do.length > 10, `${line.id} is explained`)
})

const cases: readonly (readonly [id: string, state: 'todo' | 'unknown', plant: (s: Sections) => void, seen: RegExp])[] = [
  ['ssh-keys', 'todo', (s) => edit(s, 'ssh', (text) => text.replace('passwordauthentication no', 'passwordauthentication yes')), /passwordauthentication on/],
  ['ssh-keys', 'unknown', (s) => fail(s, 'ssh', 'sshd: no hostkeys available -- exiting.'), /no hostkeys/],
  ['ssh-root', 'todo', (s) => edit(s, 'ssh', (text) => text.replace('permitrootlogin no', 'permitrootlogin without-password')), /without-password/],
  ['ssh-port', 'todo', (s) => edit(s, 'ssh', (text) => text.replace('port 2222', 'port 22')), /port 22/],
  ['operator', 'todo', (s) => edit(s, 'files', (text) => text.replace('755 1000 1000 4096 directory|.', '755 0 0 4096 directory|.')), /user 0/],
  ['users', 'todo', (s) => patchContainer(s, 'stacks-signer', { user: '2001:2001' }), /stacks-signer 2001:2001/],
  ['users', 'unknown', (s) => edit(s, 'containers', () => ''), /no container/],
  ['docker-group', 'todo', (s) => edit(s, 'people', (text) => text.replace('998:signer', '998:signer,backup')), /signer, backup/],
  ['docker-socket', 'todo', (s) => edit(s, 'socket', (text) => text.replace('660', '666')), /mode 666/],
  ['docker-socket', 'todo', (s) => edit(s, 'listeners', (text) => `${text}0.0.0.0:2375\n`), /0\.0\.0\.0:2375/],
  ['secret-files', 'todo', (s) => edit(s, 'files', (text) => text.replace('600 1000', '640 1000')), /mode 640/],
  ['secret-files', 'todo', (s) => edit(s, 'tracked', () => 'secrets/auth-token\n'), /git tracks/],
  ['directory', 'todo', (s) => edit(s, 'files', (text) => text.replace('755 1000', '777 1000')), /mode 777/],
  ['updates', 'todo', (s) => edit(s, 'updates', (text) => text.replace('unattended-upgrade installed\n', '')), /off/],
  ['updates', 'todo', (s) => edit(s, 'updates', (text) => text.replace('age 0', 'age 40')), /40 days old/],
  ['updates', 'unknown', (s) => edit(s, 'updates', (text) => text.replace('debian\n', '')), /not Debian/],
  ['reboot', 'todo', (s) => edit(s, 'updates', (text) => text.replace('\n6.12.9-amd64\n', '\n6.12.8-amd64\n')), /6\.12\.8-amd64 runs/],
  ['time', 'todo', (s) => edit(s, 'clock', () => 'NTPSynchronized=no\n'), /not synchronised/],
  ['time', 'unknown', (s) => fail(s, 'clock', 'neither timedatectl nor chronyc is installed', 3), /neither/],
  ['swap', 'todo', (s) => edit(s, 'memory', (text) => `${text.replace('SwapTotal:             0', 'SwapTotal:       4000000')}/dev/nvme0n1p3 partition 4000000 0 -2\n`), /nvme0n1p3/],
  ['disk-encryption', 'unknown', (s) => edit(s, 'devices', (text) => text.replace('CRYPT', 'LVM-x')), /not a crypt device/],
  ['core-dumps', 'todo', (s) => edit(s, 'kernel', (text) => text.replace('suid_dumpable 0', 'suid_dumpable 1')), /= 1/],
  ['address-space', 'todo', (s) => edit(s, 'kernel', (text) => text.replace('va_space 2', 'va_space 0')), /= 0/],
  ['firewall', 'todo', (s) => edit(s, 'firewall', () => 'unit nftables inactive\nlooked as root\n'), /nothing drops/],
  ['firewall', 'unknown', (s) => edit(s, 'firewall', () => 'unit ufw active\n'), /ufw runs/],
  ['listeners', 'todo', (s) => edit(s, 'listeners', (text) => `${text}[::]:5432\n`), /port 5432/],
  ['confinement', 'todo', (s) => edit(s, 'engine', (text) => text.replace('"name=apparmor",', '')), /^seccomp$/],
]

t.test('the bitcoind of this machine', async (t) => {
  const cases = [
    ['0.0.0.0:8333\n[::]:8333\n', 'ok', 'listens on 0.0.0.0:8333, [::]:8333'], ['192.0.2.1:8333\n', 'ok', 'listens on 192.0.2.1:8333'],
    ['127.0.0.1:8333\n[::1]:8333\n', 'todo', 'listens on 127.0.0.1:8333, [::1]:8333'], ['127.0.0.1:18333\n', 'todo', 'nothing listens on port 8333'],
  ] as const
  for (const [listeners, state, seen] of cases) {
    const { sections } = healthy('host-check', { bitcoin: 'machine' })
    edit(sections, 'listeners', (text) => `${text.replaceAll(/^.*:8333\n/gm, '')}${listeners}`)
    const { lines } = await check(sections)
    t.match(lines.find(({ id }) => id === 'machine-bitcoind'), { state, seen }, listeners)
    t.match(lines.find(({ id }) => id === 'listeners'), { state: 'ok' }, 'its port is no fault')
  }
  const { lines } = await check(healthy('host-check').sections)
  t.notOk(lines.some(({ id }) => id === 'machine-bitcoind'), 'a stack that follows no such bitcoind is not asked for one')
})

t.test('what is not so', async (t) => {
  for (const [id, state, plant, seen] of cases) {
    const { sections } = healthy('host-check')
    plant(sections)
    const { exit, lines } = await check(sections)
    const line = lines.find((one) => one.id === id)
    t.equal(line?.state, state, `${id}: ${line?.seen}`)
    t.match(line?.seen, seen)
    t.equal(exit, lines.some((one) => one.state === 'todo') ? 1 : 0, id)
  }
  t.strictSame((await check(healthy('host-check').sections)).lines.map(({ id }) => id).filter((id) => !cases.some(([one]) => one === id)), [], 'no line is without a case')
})

t.test('nothing gathered, nothing claimed', async (t) => {
  const { sections } = healthy('host-check')
  for (const name of sections.keys()) if (name !== 'facts' && name !== 'now') fail(sections, name, 'no')
  const { exit, lines } = await check(sections)
  t.equal(exit, 2)
  t.strictSame(lines.filter(({ state }) => state === 'ok'), [])
  const input = stream(healthy('host-check').sections, 'host-check')
  for (let length = 0; length < input.length; length += Math.ceil(input.length / 20)) t.not((await judge(input.subarray(0, length), 'host-check')).code, 0, `${length} bytes`)
})
