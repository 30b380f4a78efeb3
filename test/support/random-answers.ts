/** Random answer files. The same seed gives the same answers. */

export interface RandomAnswers {
  readonly seed: number
  readonly pairs: readonly (readonly [key: string, value: string])[]
}

/** mulberry32: small, and random enough for test values. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Texts that break code with wrong quoting. */
export const hostileTexts = [
  `it's "quoted" and \\ slashed`, '$HOME ${HOME} $$ $(id)', '{{stack}} {{{x}}} {{#if a}}', '# not a comment', 'ünïcödé ✓ 雪',
  'a: b, [c] {d} & *e !f %g @h', 'x'.repeat(2000), 'yes', '0x10', '1e3', '12:30', '-', '~', '</script>', ' padded ',
] as const

/** Answers without an error. Some have hostile values where any text is allowed. */
export function randomAnswers(seed: number): RandomAnswers {
  const next = randomNumbers(seed)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!
  const maybe = (chance: number) => next() < chance
  const network = pick(['mainnet', 'testnet', 'staking-testnet'])
  const mode = pick(['full', 'pruned', 'external'])
  const version = network === 'staking-testnet' ? '4.0.4' : network === 'testnet' ? pick(['4.0.2', '4.0.3', '4.0.4']) : pick(['4.0.1', '4.0.2', '4.0.3', '4.0.4'])
  const platform = pick(['', '', 'linux/amd64', 'linux/arm64'])
  const pairs: [string, string][] = [
    ['STACK_NAME', pick(['a', 'signer-1', 'x_y-z', '0', 'true', 'null'])],
    ['NETWORK', network],
    ['BITCOIN_MODE', mode],
    ['STACKS_VERSION', version],
    ['SIGNER_KEY', 'provided'],
  ]
  if (platform) pairs.push(['PLATFORM', platform])
  if (mode === 'external') pairs.push(['BITCOIN_HOST', pick(['bitcoin.example.net', '192.0.2.1', '[2001:db8::1]'])])
  if (mode === 'external' && maybe(0.5)) pairs.push(['BITCOIN_P2P_PORT', String(1 + Math.floor(next() * 65535))])
  if (mode === 'full' && maybe(0.3)) pairs.push(['SNAPSHOT', 'off'])
  if (!pairs.some(([key]) => key === 'SNAPSHOT') && maybe(0.3)) pairs.push(['SNAPSHOT_MODE', pick(['auto', 'file', 'stream'])], ['SNAPSHOT_CONNECTIONS', pick(['1', '16'])])
  if (maybe(0.3)) pairs.push(['IMAGE_VARIANT', pick(['debian', 'alpine'])])
  if (maybe(0.2)) pairs.push(['MEMORY', pick(['16g', '40g'])])
  if (maybe(0.3)) pairs.push(['NODE_P2P_PORT', String(20000 + Math.floor(next() * 20000))])
  if (maybe(0.2)) pairs.push(['NODE_RPC_PUBLISH', pick(['127.0.0.1:20443', '[::1]:20443'])])
  if (maybe(0.2)) pairs.push(['EVENT_OBSERVERS', pick(['host:3700', 'api:3700 stx burn_blocks timeout_ms=500, [2001:db8::1]:3701 retries=off'])])
  if (maybe(0.3)) pairs.push(['PUBLIC_ADDRESS', pick(['203.0.113.7', '203.0.113.7:20444', '[2001:db8::2]'])])
  if (maybe(0.3)) pairs.push(['BITCOIN_P2P_PUBLISH', pick(['on', 'off'])])
  if (maybe(0.4)) pairs.push(...watched(pick, maybe))
  if (maybe(0.3)) {
    pairs.push(['FIREWALL', 'on'], ['SSH_FROM', pick(['192.0.2.1', '198.51.100.0/24,2001:db8::/32'])])
    if (maybe(0.5)) pairs.push(['FIREWALL_OPEN', pick(['51820/udp', '9100/tcp@10.0.0.0/8,60000-61000/udp'])])
  }
  if (maybe(0.4)) pairs.push(['SIGNER__event_timeout_ms', String(Math.floor(next() * 100000))])
  if (maybe(0.4)) pairs.push(['NODE__node__wait_time_for_microblocks', String(Math.floor(next() * 100000))])
  if (maybe(0.4)) pairs.push(['NODE__node__name', pick(hostileTexts)])
  if (maybe(0.3)) pairs.push(['NODE__connection_options__private_neighbors', pick(['true', 'false'])])
  return { seed, pairs }
}

type Pick = <T>(values: readonly T[]) => T

function watched(pick: Pick, maybe: (chance: number) => boolean): readonly [string, string][] {
  const mode = pick(['metrics', 'full', 'full'])
  return [
    ['MONITORING', mode],
    ...(maybe(0.4) ? [['SIGNER_REGISTERED', pick(['yes', 'no'])] as [string, string]] : []),
    ...(maybe(0.4) ? [['RUNBOOK_URL', 'https://git.example.net/a%20b/?x=1&y=$HOME'] as [string, string]] : []),
    ...(mode === 'metrics' && maybe(0.5) ? [['METRICS_PORT', '9155'] as [string, string]] : []),
    ...(mode === 'full' && maybe(0.6) ? [
      ['ALERT_RECEIVERS', pick(['webhook', 'slack, telegram', 'email'])], ['ALERT_TELEGRAM_CHAT', '-100'], ['ALERT_EMAIL_TO', 'a@example.net'], ['ALERT_EMAIL_FROM', 'b@example.net'],
      ['ALERT_SMTP_HOST', 'mail.example.net'], ['ALERT_SMTP_USER', pick(["o'neil$HOME", '{{x}}#y', 'a\\b"c'])],
    ] as [string, string][] : []),
  ]
}

/** The pairs as an answer file. `style` chooses among the ways to quote each value. */
export function answerText(pairs: RandomAnswers['pairs'], style = 0): string {
  return pairs.map(([key, value], index) => {
    const plain = /^[\w./:[\]-]*$/.test(value)
    const choices = [...(plain ? [value] : []), ...(value.includes("'") ? [] : [`'${value}'`]), ...(value.includes('`') ? [] : [`\`${value}\``]),
      ...(/["\\\n]/.test(value) ? [] : [`"${value}"`])]
    const quoted = choices[(style + index) % choices.length] ?? ''
    return `${style % 2 ? '# a comment\n\n' : ''}${style % 3 ? '' : 'export '}${key}=${quoted}\n`
  }).join('')
}
