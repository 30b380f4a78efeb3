import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { firewall } from '../../generator/stack/firewall.ts'

const base = 'STACK_NAME=a\nNETWORK=mainnet\n'
const split = `${base}TOPOLOGY=split\nFIREWALL=on\nSSH_FROM=192.0.2.1\n`

function walled(text: string) {
  const checked = checkAnswers('answers.env', readAnswers('answers.env', text).entries, { secretsAllowed: true, outputDirectory: '.' })
  if (!checked.value) throw new Error(JSON.stringify(checked.problems))
  const { value, problems } = firewall(checked.value)
  return { value, said: problems.map(({ severity, message }) => `${severity}: ${message}`) }
}

t.test('off, nothing is made of the answers, and that is told', async (t) => {
  t.strictSame(walled(base), { value: undefined, said: [] })
  t.strictSame(walled(`${base}SSH_FROM=192.0.2.1\nFIREWALL_OPEN=80/tcp\n`), {
    value: undefined,
    said: ['warning: SSH_FROM is not used with FIREWALL=off', 'warning: FIREWALL_OPEN is not used with FIREWALL=off'],
  })
})

t.test('one host', async (t) => {
  t.strictSame(walled(`${base}FIREWALL=on\nSSH_PORT=2222\nSSH_FROM=192.0.2.0/24, 2001:db8::1\nFIREWALL_OPEN=51820/udp, 60000-61000/udp@10.0.0.0/8\n`), {
    value: {
      ssh: { port: 2222, from: ['192.0.2.0/24', '2001:db8::1'] },
      open: [{ port: '51820', protocol: 'udp' }, { port: '60000-61000', protocol: 'udp', from: '10.0.0.0/8' }],
      addresses: { node: [], signer: [] },
    },
    said: [],
  })
  t.strictSame(walled(`${base}FIREWALL=on\nNODE_ADDRESS=192.0.2.1\n`).said, [
    'warning: NODE_ADDRESS is not used with one host',
    'warning: the firewall lets SSH in from everywhere: SSH_FROM is not given',
  ])
})

t.test('two hosts know each other by address', async (t) => {
  const addresses = (text: string) => walled(`${split}${text}`).value?.addresses
  t.strictSame(addresses('NODE_HOST=192.0.2.7\nSIGNER_HOST=[2001:db8::8]\n'), { node: ['192.0.2.7'], signer: ['2001:db8::8'] })
  t.strictSame(addresses('NODE_HOST=192.0.2.7\nNODE_ADDRESS=192.0.2.7,192.0.2.9\nSIGNER_HOST=s.example\nSIGNER_ADDRESS=192.0.2.8\n'), {
    node: ['192.0.2.7', '192.0.2.9'], signer: ['192.0.2.8'],
  })
  t.strictSame(walled(`${split}NODE_HOST=n.example\nSIGNER_HOST=s.example\n`).said, [
    'error: FIREWALL=on needs NODE_ADDRESS: NODE_HOST is a name, and rules know addresses alone',
    'error: FIREWALL=on needs SIGNER_ADDRESS: SIGNER_HOST is a name, and rules know addresses alone',
  ])
})
