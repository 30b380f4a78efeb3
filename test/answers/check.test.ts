import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'

const base = 'STACK_NAME=my-signer\nNETWORK=mainnet\n'
const key = 'a1b2c3d4'.repeat(8)

function check(text: string, secretsAllowed = false, outputDirectory = 'out') {
  const read = readAnswers('a.env', text)
  const checked = checkAnswers('a.env', read.entries, { secretsAllowed, outputDirectory })
  return { value: checked.value, problems: [...read.problems, ...checked.problems] }
}

t.test('two answers are enough, and every default is filled', async (t) => {
  const { value, problems } = check(`${base}STACKS_VERSION=4.0.4\n`)
  t.strictSame(problems, [])
  t.strictSame(value?.values, {
    STACK_NAME: 'my-signer', NETWORK: 'mainnet', TOPOLOGY: 'single', MACHINE: undefined, MEMORY: undefined,
    STACKS_VERSION: '4.0.4', STACKS_NODE_VERSION: '4.0.4', STACKS_SIGNER_VERSION: '4.0.4',
    IMAGE_VARIANT: 'debian', PLATFORM: '', ALLOW_UNSUPPORTED: 'no',
    BITCOIN_MODE: 'full', BITCOIN_HOST: undefined, BITCOIN_P2P_PORT: undefined, BITCOIN_P2P_PUBLISH: 'on',
    BITCOIN_RPC_PORT: undefined, BITCOIN_RPC_USER: undefined,
    NODE_P2P_PORT: 20444, PUBLIC_ADDRESS: undefined, NODE_RPC_PUBLISH: undefined, NODE_RPC_FROM: undefined, EVENT_OBSERVERS: undefined, SIGNER_OBSERVER_TIMEOUT_MS: undefined,
    SNAPSHOT: 'on', SNAPSHOT_URL: undefined, SNAPSHOT_SHA256: undefined, SNAPSHOT_MODE: 'auto', SNAPSHOT_CONNECTIONS: 8, SIGNER_KEY: 'provided',
    TLS_SIDECARS: 'off', NODE_HOST: undefined, SIGNER_HOST: undefined, NODE_TLS_PORT: 2443, SIGNER_TLS_PORT: 3443, EVENTS_LOCAL_PORT: 31000, RPC_LOCAL_PORT: 21443, TLS_CERTS: 'generated',
    MONITORING: 'off', SIGNER_REGISTERED: 'yes', METRICS_PORT: undefined, RUNBOOK_URL: undefined,
    PROMETHEUS_PORT: 9090, ALERTMANAGER_PORT: 9093, GRAFANA_PORT: 3000, PROMETHEUS_RETENTION_DAYS: 30,
    ALERT_RECEIVERS: undefined, ALERT_TELEGRAM_CHAT: undefined,
    ALERT_EMAIL_TO: undefined, ALERT_EMAIL_FROM: undefined, ALERT_SMTP_HOST: undefined, ALERT_SMTP_PORT: 587, ALERT_SMTP_USER: undefined,
    FIREWALL: 'off', SSH_PORT: 22, SSH_FROM: undefined, FIREWALL_OPEN: undefined, NODE_ADDRESS: undefined, SIGNER_ADDRESS: undefined,
    LOGS: undefined, LOG_RETENTION_DAYS: undefined, LOG_MAX_SIZE: undefined, ROLE: 'active', DOPPELGANGER_GUARD: 'on',
    BITCOIN_DATA_DIR: undefined, STACKS_DATA_DIR: undefined, SIGNER_DATA_DIR: undefined,
    BACKUP: 'off', BACKUP_PATH: undefined, BACKUP_SFTP_HOST: undefined, BACKUP_SFTP_PORT: 22, BACKUP_SFTP_USER: undefined, BACKUP_SFTP_HOST_KEY: undefined,
    BACKUP_S3_ENDPOINT: undefined, BACKUP_S3_BUCKET: undefined, BACKUP_S3_REGION: undefined, BACKUP_AGE_RECIPIENT: undefined,
    BACKUP_KEEP_DAILY: 7, BACKUP_KEEP_WEEKLY: 5, BACKUP_KEEP_MONTHLY: 12, BACKUP_AT: undefined,
    SIGNER: 'on', SBTC_SIGNER: 'off', SBTC_VERSION: '1.3.3', SBTC_SHARED_NODES: 'no', SBTC_SIGNING_SET: undefined, SBTC_SIGNATURES_REQUIRED: undefined,
    SBTC_AGGREGATE_KEY: undefined, SBTC_DEPLOYER: undefined, SBTC_EMILY_URL: undefined, SBTC_SEEDS: undefined, SBTC_P2P_PORT: 4122, SBTC_PUBLIC_HOST: undefined,
    SBTC_QUIC: 'off', SBTC_SUBNET: undefined, SECRETS_RECIPIENTS: undefined, SIDEKICK: 'off', SIDEKICK_MANAGER: undefined, SIDEKICK_PORT: 3998,
  })
  t.strictSame([...value!.given], ['STACK_NAME', 'NETWORK', 'STACKS_VERSION'])
  t.strictSame(value?.passThrough, { signer: {}, node: {}, sbtc: {} })
  t.strictSame([value?.file, value?.secrets], ['a.env', {}])
})

t.test('defaults follow the network and STACKS_VERSION', async (t) => {
  t.equal(check('STACK_NAME=s\nNETWORK=testnet\n').value?.values.BITCOIN_MODE, 'external')
  t.equal(check('STACK_NAME=s\nNETWORK=testnet\nBITCOIN_MODE=full\n').value?.values.BITCOIN_MODE, 'full')
  const one = check(`${base}STACKS_VERSION=4.0.1\nSTACKS_NODE_VERSION=4.0.2\n`).value?.values
  t.strictSame([one?.STACKS_NODE_VERSION, one?.STACKS_SIGNER_VERSION], ['4.0.2', '4.0.1'])
  const first = check(`${base}STACKS_NODE_VERSION=3.1.0.0.13\nSTACKS_SIGNER_VERSION=3.1.0.0.5.0\n`).value?.values
  t.strictSame([first?.STACKS_NODE_VERSION, first?.STACKS_SIGNER_VERSION], ['3.1.0.0.13', '3.1.0.0.5.0'])
})

t.test('an empty answer is an absent one', async (t) => {
  const { value } = check(`${base}PLATFORM=\nBITCOIN_HOST=\nSNAPSHOT=''\nAUTH_TOKEN=\n`)
  t.strictSame([...value!.given], ['STACK_NAME', 'NETWORK'])
  t.equal(value?.values.SNAPSHOT, 'on')
  t.equal(value?.place('SNAPSHOT'), undefined)
})

t.test('secrets are taken from a file that is not committed, and nowhere shown', async (t) => {
  const text = `${base}SIGNER_PRIVATE_KEY=${key}01\nAUTH_TOKEN='hush-hush-hush-hush'\n`
  const { value } = check(text, true)
  t.equal(value?.secrets.SIGNER_PRIVATE_KEY?.reveal(), `${key}01`)
  t.equal(value?.secrets.AUTH_TOKEN?.reveal(), 'hush-hush-hush-hush')
  t.notMatch(JSON.stringify(value), /a1b2|hush/)
  t.strictSame(value?.place('AUTH_TOKEN'), { file: 'a.env', line: 4, column: 12, source: 'AUTH_TOKEN=[21 characters hidden]', length: 22 })
  const refused = check(text)
  t.equal(refused.value, undefined)
  t.strictSame(refused.problems.map(({ hint }) => hint), [
    'move the value to out/secrets/signer-private-key and remove this line',
    'move the value to out/secrets/auth-token and remove this line',
  ])
  t.notMatch(JSON.stringify(refused), /a1b2|hush/)
})

t.test('order, comments, blank lines, quotes and line ends of the file do not matter', async (t) => {
  const lines = ['STACK_NAME=my-signer', 'NETWORK=testnet', 'NODE_P2P_PORT=20555', 'PUBLIC_ADDRESS=203.0.113.7', 'SNAPSHOT_SHA256=' + 'AB'.repeat(32), 'SIGNER__dry_run=true', 'NODE__node__txindex=true']
  const want = check(lines.join('\n')).value
  t.equal(want?.values.SNAPSHOT_SHA256, 'ab'.repeat(32))
  const variants = [
    [...lines].reverse().join('\n'),
    lines.map((line) => `# ${line}\n\n  ${line}   # note`).join('\n'),
    lines.map((line) => line.replace('=', " = '") + "'").join('\n'),
    lines.map((line) => `export ${line.replace('=', '="')}"`).join('\r\n'),
    '\uFEFF' + lines.map((line) => line.replace('=', '=`') + '`').join('\r'),
  ]
  for (const text of variants) {
    const { value, problems } = check(text)
    t.strictSame(problems, [])
    t.strictSame(value?.values, want?.values)
    t.strictSame(value?.passThrough, want?.passThrough)
    t.strictSame(value && [...value.given], want && [...want.given])
  }
})
