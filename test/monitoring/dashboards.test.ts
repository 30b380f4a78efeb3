/** Every panel's query, parsed by promtool and held against the names that the programs really use. */

import { join } from 'node:path'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { dashboards } from '../../generator/monitoring/dashboards.ts'
import { metricNames } from '../../generator/monitoring/metrics.ts'
import { planText } from '../support/pipeline.ts'
import { sbtcAnswers } from '../support/sbtc-answers.ts'
import { accepts, needs, put } from './support.ts'

const base = 'STACK_NAME=my-signer\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\nMONITORING=full\n'
const split = 'TOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=signer.example.net\n'

interface Target { readonly expr: string; readonly refId: string; readonly datasource: { readonly uid: string } }
interface Panel { readonly id: number; readonly title: string; readonly targets: readonly Target[]; readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>> }
interface Shown { readonly uid: string; readonly title: string; readonly panels: readonly Panel[] }

const allNeeds = ['signer', 'node', 'bitcoin', 'identity', 'host', 'certificates', 'sbtc']

t.test('a query speaks of known metrics alone', async (t) => {
  for (const { panels } of dashboards) {
    for (const { title, queries, needs: wanted } of panels) {
      for (const need of wanted) t.ok(allNeeds.includes(need), `${title} needs ${need}`)
      for (const { expr } of queries) {
        const bare = expr.replace(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]|(by|without) \([^)]*\)/g, ' ')
        const words = (bare.match(/[a-zA-Z_:][a-zA-Z0-9_:]*/g) ?? []).filter((word) => word.includes('_') && word !== 'histogram_quantile')
        t.same(words.filter((word) => !metricNames.has(word)), [], `${title}: ${expr}`)
      }
    }
  }
})

for (const [name, answers] of [['one host', base], ['sidecars', `${base}TLS_SIDECARS=on\n`], ['two hosts', `${base}${split}`], ['sBTC alone', `${base}SIGNER=off\n${sbtcAnswers}`], ['sBTC beside', `${base}${sbtcAnswers}`], ['sBTC on shared nodes', `${base}SBTC_SHARED_NODES=yes\n${sbtcAnswers}`], ['no bitcoind', `${base}BITCOIN_MODE=external\nBITCOIN_HOST=b.example.net\n`]] as const) {
  t.test(name, needs('promtool'), async (t) => {
    const { files } = planText(answers)
    const paths = [...files.keys()].filter((path) => /config\/grafana\/dashboards\/[a-z]+\.json$/.test(path))
    t.equal(paths.length, ({ 'two hosts': 6, 'sBTC beside': 4, 'sBTC on shared nodes': 4 } as Record<string, number>)[name] ?? 3)
    const shown = paths.map((path) => JSON.parse(files.get(path)!.content) as Shown)
    t.equal(new Set(shown.map(({ uid }) => uid)).size, shown.length, 'each has its own address')
    const home = paths[0]!.split('config/')[0]!
    const sources = parse(files.get(`${home}config/grafana/provisioning/datasources/prometheus.yml`)!.content) as { datasources: readonly { uid: string }[] }
    for (const { title, panels, uid } of shown) {
      t.ok(panels.length > 2 && uid.length <= 40, title)
      t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`))
      t.equal(new Set(cells).size, cells.length, 'no panel lies over another')
      t.ok(panels.every(({ gridPos }) => gridPos.x + gridPos.w <= 24))
      for (const { targets } of panels) for (const { datasource } of targets) t.ok(sources.datasources.some(({ uid: source }) => source === datasource.uid))
    }
    const rules = shown.flatMap(({ panels }, board) => panels.flatMap(({ id, targets }) => targets.map(({ expr, refId }) => ({ record: `panel:b${board}_p${id}_${refId}`, expr }))))
    const root = put(t, { 'rules.yml': stringify({ groups: [{ name: 'panels', rules }] }) })
    accepts(t, 'promtool', ['check', 'rules', join(root, 'rules.yml')], `${rules.length} queries are PromQL`)
    for (const { expr } of rules) t.match(expr, 'stack="my-signer"')
  })
}

t.test('the sBTC signer\'s panels are about its own nodes, or those that it shares', async (t) => {
  const exprs = (answers: string) => (JSON.parse(planText(answers).files.get('config/grafana/dashboards/sbtc.json')!.content) as Shown).panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  const jobs = (answers: string) => [...new Set(exprs(answers).flatMap((expr) => [...expr.matchAll(/job="([^"]+)"/g)].map(([, job]) => job)))].sort()
  t.strictSame(jobs(`${base}${sbtcAnswers}`), ['sbtc-signer', 'sbtc-stack', 'sbtc-stacks-node'])
  t.strictSame(jobs(`${base}SBTC_SHARED_NODES=yes\n${sbtcAnswers}`), ['sbtc-signer', 'stack', 'stacks-node'])
  const home = (answers: string) => /default_home_dashboard_path *= *(\S+)/.exec(planText(answers).files.get('config/grafana/grafana.ini')!.content)?.[1]?.split('/').at(-1)
  t.equal(home(`${base}SIGNER=off\n${sbtcAnswers}`), 'sbtc.json')
  t.equal(home(`${base}${sbtcAnswers}`), 'signer.json')
})
