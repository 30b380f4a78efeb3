/** Rules about the network and about how Docker confines what it runs. */

import { isLoopback } from '../evidence/container.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { ifKnown, Missing } from '../evidence/missing.ts'
import { sshSettings } from './access.ts'
import { noneOf, type Rule } from './rule.ts'

export const networkRules: readonly Rule[] = [
  {
    id: 'firewall', asks: 'A firewall denies what is not allowed', why: 'The signer needs nothing from outside; the node needs its P2P port alone.',
    do: 'nftables, ufw or firewalld that deny by default. Ports that Docker publishes bypass the INPUT chain: publish no more than the README lists.',
    look: (seen) => {
      const said = seen.text('firewall')
      const [, drops] = /^(\w+): input drops by default$/m.exec(said) ?? []
      if (drops !== undefined) return [true, `${drops} drops by default`]
      const active = [...said.matchAll(/^unit (\w+) active$/gm)].map(([, unit]) => unit).join(', ')
      const asRoot = said.includes('looked as root')
      if (active !== '') throw new Missing(`${active} runs${asRoot ? ', but input does not drop by default' : '; only root can see its rules'}`)
      if (asRoot) return [false, 'nothing drops by default']
      throw new Missing('only root can see the rules')
    },
  },
  {
    id: 'listeners', asks: 'Nothing but SSH and what this stack publishes can be reached from outside', why: 'Each open port is a way in.', do: 'Stop it, or bind it to 127.0.0.1.',
    look: (seen) => {
      const ssh = ifKnown(() => sshSettings(seen) ?? new Map<string, string>())
      const { machineBitcoinPort } = seen.facts
      const allowed = new Set(['22', ssh?.get('port'), ...(machineBitcoinPort ? [String(machineBitcoinPort)] : []), ...[...seen.facts.openPorts].map((entry) => /:(\d+)\//.exec(entry)?.[1])])
      const open = listeners(seen).flatMap(({ port, isLocal }) => (isLocal ? [] : [port]))
      const ports = [...new Set(open)].sort((one, other) => Number(one) - Number(other))
      const bad = ports.filter((port) => !allowed.has(port))
      return noneOf(bad.length > 0 ? [`port ${bad.join(', ')}${ssh ? '' : '; which of them is that of SSH, only root can see'}`] : [], ports.join(', ') || 'no port')
    },
  },
  {
    id: 'machine-bitcoind', asks: 'The bitcoind of this machine listens where containers reach it', why: 'In a container, 127.0.0.1 is the container itself. The node calls this machine at the address of Docker\'s bridge.',
    do: 'Start bitcoind with listen=1 and without bind=127.0.0.1; README.md, "The bitcoind of this machine". A firewall of this machine must let the containers in too.',
    concerns: (seen) => seen.facts.machineBitcoinPort !== 0,
    look: (seen) => {
      const port = String(seen.facts.machineBitcoinPort)
      const found = listeners(seen).filter((one) => one.port === port)
      if (found.length === 0) return [false, `nothing listens on port ${port}`]
      return [found.some(({ isLocal }) => !isLocal), `listens on ${found.map(({ address }) => `${address}:${port}`).join(', ')}`]
    },
  },
  {
    id: 'confinement', asks: 'Docker confines its containers', why: 'seccomp, and AppArmor or SELinux, limit what a program can do that was taken over.',
    do: 'Install apparmor (Debian, Ubuntu) or enable SELinux, then restart Docker.',
    look: (seen) => {
      const said = seen.text('engine')
      const found = ['seccomp', 'apparmor', 'selinux', 'rootless'].filter((name) => said.includes(`name=${name}`))
      return [found.includes('seccomp') && found.length > 1, found.join(', ') || 'none']
    },
  },
]

/** What listens on TCP, and whether only this machine itself reaches it. */
function listeners(seen: Evidence): readonly { readonly address: string; readonly port: string; readonly isLocal: boolean }[] {
  return seen.lines('listeners').map((line) => {
    const [, address, port] = /^(.*):(\d+)$/.exec(line.trim()) ?? []
    if (address === undefined || port === undefined) throw new Missing('the list of open ports has an unexpected form')
    return { address, port, isLocal: isLoopback(address.replace(/^\[|\]$|%.*$/g, '').replace(/^::ffff:/, '')) }
  })
}
