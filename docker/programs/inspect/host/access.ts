/** Rules about who gets in, and who may read and write what. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'
import { openSecrets, stackFiles, withMode } from '../readings/files.ts'
import { type Answer, noneOf, type Rule } from './rule.ts'

/** They work on the database of the signer, so they have to be its user; none of them has the key. */
const besideTheSigner = ['stacks-signer', 'guard', 'backup', 'backup-copy']

/** What a rule makes of one setting of the SSH server. */
function ofSsh(name: string, judge: (value: string, settings: ReadonlyMap<string, string>) => Answer): Rule['look'] {
  return (seen: Evidence) => {
    const settings = sshSettings(seen)
    if (!settings) return [true, 'no SSH server is installed']
    const value = settings.get(name)
    if (value === undefined) throw new Missing(`sshd does not tell its setting ${name}`)
    return judge(value, settings)
  }
}

export const accessRules: readonly Rule[] = [
  {
    id: 'ssh-keys', asks: 'SSH accepts keys, no passwords', why: 'Passwords are guessed all day long by anyone who finds the port.',
    do: 'PasswordAuthentication no and KbdInteractiveAuthentication no in /etc/ssh/sshd_config.d/, once your key works.',
    look: ofSsh('passwordauthentication', (_, settings) => {
      const on = ['passwordauthentication', 'kbdinteractiveauthentication', 'permitemptypasswords'].filter((name) => (settings.get(name) ?? 'no') !== 'no')
      return [on.length === 0, on.length > 0 ? `${on.join(', ')} on` : 'no passwords']
    }),
  },
  {
    id: 'ssh-root', asks: 'Root cannot log in by SSH', why: 'With accounts of their own, the log shows who did what.',
    do: 'PermitRootLogin no in /etc/ssh/sshd_config.d/, once another account may use sudo.',
    look: ofSsh('permitrootlogin', (value) => [value === 'no', `PermitRootLogin ${value}`]),
  },
  {
    id: 'ssh-port', asks: 'SSH does not listen on port 22', why: 'It keeps scanners out of the log; it is no protection by itself.',
    do: 'Port NUMBER in /etc/ssh/sshd_config.d/; open it in the firewall before the old one is closed.',
    look: ofSsh('port', (value) => [value !== '22', `port ${value}`]),
  },
  {
    id: 'operator', asks: 'An account of its own operates the stack, not root', why: 'A mistake in a shell of root has no limit.',
    do: 'Make an account in the group docker, give it this directory (chown -R), and work as that.',
    look: (seen) => {
      const { owner } = stackFiles(seen).find(({ name }) => name === '.')!
      return [owner !== '0', `this directory belongs to user ${owner}`]
    },
  },
  {
    id: 'users', asks: 'Each program runs as a user of its own, none as root', why: 'An attacker who breaks into the node must not be able to read the key of the signer.',
    do: 'Remove `user` from docker-compose.override.yml, then make restart.',
    look: (seen) => {
      const users = [...seen.containers].filter(([service]) => seen.here(service) && service !== 'init').map(([service, { user }]) => [service, user || '0'] as const).sort()
      if (users.length === 0) throw new Missing('there is no container yet')
      const signer = users.find(([service]) => service === 'stacks-signer')?.[1]
      const isBad = users.some(([service, user]) => /^(0|root)(:|$)/.test(user) || (user === signer && !besideTheSigner.includes(service)))
      return [!isBad, users.map((row) => row.join(' ')).join(', ')]
    },
  },
  {
    id: 'docker-group', asks: 'At most one account may use Docker', why: 'A user who may use Docker is root of this machine, and can read the key.',
    do: 'Remove from the group docker every user who need not be in it (gpasswd -d NAME docker).',
    look: (seen) => {
      const group = seen.lines('people').find((line) => line.startsWith('group docker:'))
      if (group === undefined) return [true, 'there is no group docker: only root may']
      const members = group.split(':').at(-1)!.split(',').filter((name) => name !== '')
      return [members.length <= 1, `in the group: ${members.join(', ') || 'nobody'}`]
    },
  },
  {
    id: 'docker-socket', asks: 'Docker listens on no network port, and its socket is closed to others', why: 'An open port of Docker is a root shell for everybody who reaches it.',
    do: 'Remove tcp:// from `hosts` in /etc/docker/daemon.json and from docker.service; chmod 660 /var/run/docker.sock.',
    look: (seen) => {
      const said = seen.text('socket')
      const [mode] = /^[0-7]+/.exec(said) ?? []
      if (mode === undefined) throw new Missing('the socket was not found where Docker has it')
      const open = seen.lines('listeners').filter((address) => /:237[56]$/.test(address.trim()))
      return noneOf([
        ...(open.length > 0 ? [`listens on ${open.join(', ')}`] : []), ...(said.includes('tcp://') ? ['tcp:// is configured'] : []),
        ...((Number.parseInt(mode, 8) & 0o007) !== 0 ? [`socket mode ${mode}`] : []),
      ], `socket mode ${mode}, no port`)
    },
  },
  {
    id: 'secret-files', asks: 'secrets/ is closed to other users, and not in git', why: 'Anyone who reads the key can sign in your name.',
    do: 'chmod -R go-rwx secrets; git rm -r --cached secrets.',
    look: (seen) => {
      const tracked = seen.section('tracked')
      if (!tracked || ![0, 3].includes(tracked.code)) throw new Missing('git could not be asked')
      if (!stackFiles(seen).some(({ name }) => name.startsWith('secrets/'))) throw new Missing('secrets/ is empty, or closed to this account')
      return noneOf([...openSecrets(seen), ...tracked.out.split('\n').filter((name) => name !== '').map((name) => `git tracks ${name}`)], 'modes 0700 and 0600')
    },
  },
  {
    id: 'directory', asks: 'Nobody else can write to this directory', why: 'A user who can change docker-compose.yml decides what runs beside the key.',
    do: 'chmod go-w . and what it names.',
    look: (seen) => noneOf(stackFiles(seen).filter(({ name, mode }) => !name.startsWith('secrets') && (mode & 0o022) !== 0).map(withMode), 'only its owner'),
  },
]

/** The settings of the SSH server that are in effect, by name in small letters; undefined where there is no server. */
export function sshSettings(seen: Evidence): ReadonlyMap<string, string> | undefined {
  const lines = seen.lines('ssh')
  if (lines.length === 1 && lines[0] === 'none') return undefined
  const settings = new Map(lines.flatMap((line) => {
    const [, name, value] = /^(\S+)\s+(.*)$/.exec(line.toLowerCase()) ?? []
    return name === undefined ? [] : [[name, value!.trim()] as const]
  }))
  if (settings.size === 0) throw new Missing('sshd tells its settings to root alone')
  return settings
}
