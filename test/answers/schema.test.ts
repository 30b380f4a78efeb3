import t from 'tap'
import { findNode, findSigner } from '../../generator/catalogue/releases.ts'
import { groups, type AnswerDefinition } from '../../generator/answers/definition.ts'
import { answerKeys, answers, findAnswer, isSecretAnswer, secretKeys } from '../../generator/answers/schema.ts'
import { valueFault } from '../../generator/answers/values.ts'

const rows: readonly AnswerDefinition[] = answers

t.test('the table is whole', async (t) => {
  t.equal(new Set(answerKeys).size, answerKeys.length, 'no answer stands twice')
  for (const row of rows) {
    t.match(row.key, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/, row.key)
    t.notMatch(row.key, /__|^(SIGNER|NODE|SBTC)__/, `${row.key} is no passed-through key`)
    t.ok(groups.some(({ name }) => name === row.group))
    t.notMatch(row.title, /\.$/)
    t.match(row.text, /\.$/)
    t.notMatch(row.title + row.text, /[|\n]/, 'fits into a Markdown table')
    t.equal([row.required, row.default, row.absent].filter((one) => one !== undefined).length, 1, `${row.key} says what its absence means, once`)
  }
})

t.test('every default and every example is a right value', async (t) => {
  for (const row of rows) {
    if (row.type.kind === 'secret') continue
    const texts = [row.example, typeof row.default === 'string' ? row.default : '', ...byNetwork(row)]
    for (const text of texts.filter((one) => one !== '')) {
      if (row.type.kind === 'release') t.ok(findNode(text) && findSigner(text), `${row.key}=${text}`)
      else t.equal(valueFault(row.type, text), undefined, `${row.key}=${text}`)
    }
    if (typeof row.default === 'object' && 'follows' in row.default) {
      t.ok(answerKeys.findIndex((key) => key === row.key) > answerKeys.findIndex((key) => key === (row.default as { follows: string }).follows))
    }
  }
})

function byNetwork(row: AnswerDefinition): readonly string[] {
  return typeof row.default === 'object' && 'byNetwork' in row.default ? Object.values(row.default.byNetwork) : []
}

t.test('names are looked up as they are, and only in the table', async (t) => {
  t.strictSame(secretKeys, [
    'ALERT_WEBHOOK_URL', 'ALERT_SLACK_URL', 'ALERT_PAGERDUTY_KEY', 'ALERT_TELEGRAM_TOKEN', 'ALERT_SMTP_PASSWORD', 'BACKUP_S3_KEY_ID', 'BACKUP_S3_SECRET_KEY', 'BACKUP_PASSWORD', 'SBTC_PRIVATE_KEY', 'EMILY_API_KEY', 'SIGNER_PRIVATE_KEY', 'AUTH_TOKEN', 'BITCOIN_RPC_PASSWORD',
  ])
  t.equal(isSecretAnswer('AUTH_TOKEN'), true)
  t.equal(isSecretAnswer('NETWORK'), false)
  t.equal(isSecretAnswer('toString'), false)
  t.equal(findAnswer('NETWORK')?.key, 'NETWORK')
  for (const name of ['network', '', 'constructor', '__proto__']) t.equal(findAnswer(name), undefined)
})
