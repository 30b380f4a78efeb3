/** The node's RPC port. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { parseJson, readBody } from '../shared/http.ts'
import type { Metrics } from '../shared/metrics.ts'
import { isTable, stringOf } from '../shared/toml.ts'
import * as answers from './answers.ts'
import type { Heights } from './chain.ts'
import type { NodeConfig } from './config.ts'
import { registryAnswer } from './registry.ts'
import { signersAnswer } from './signers.ts'
import type { NodeWorld } from './world.ts'

export interface RpcPort {
  readonly config: NodeConfig
  readonly release: string
  readonly heights: Heights
  readonly world: () => NodeWorld
  readonly metrics: Metrics
  /** Whether some observer takes validation results. */
  readonly validates: boolean
  /** A proposal was accepted; its block in hex. */
  readonly onProposal: (block: string) => void
}

const contentTypes = ['application/json', 'text/plain', 'application/octet-stream']

/** Answers GET and POST as a node of this release does; whatever it does not know is 404. */
export function rpcListener({ config, release, heights, world, metrics, validates, onProposal }: RpcPort): RequestListener {
  const proposal = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const refused = tokenProblem(request, config.authToken)
    if (refused) return json(response, refused, {})
    if (!validates) return json(response, 400, { result: 'Error', message: 'no observer for block proposals' })
    const parsed = parseJson(body)
    const block = isTable(parsed) ? stringOf(parsed, 'block') : undefined
    if (!isTable(parsed) || block === undefined || !/^([0-9a-f]{2})+$/i.test(block) || parsed['chain_id'] !== config.chainId) return json(response, 400, {})
    onProposal(block)
    return json(response, 202, { result: 'Accepted', message: 'Block proposal is processing, result will be returned via the event observer' })
  }
  const upload = (request: IncomingMessage, response: ServerResponse) => {
    const broadcast = new URL(request.url!, 'http://node').searchParams.get('broadcast')
    const refused = broadcast === '1' || broadcast === 'true' ? tokenProblem(request, config.authToken) : undefined
    return refused ? json(response, refused, {}) : json(response, 200, { stacks_block_id: '00'.repeat(32), accepted: true })
  }
  return (request, response) => {
    readBody(request).then((body) => {
      const around = world()
      if (!around.rpc) return response.destroy()
      metrics.add('node_rpc_requests_total', 1, { handler: 'all' })
      const problem = requestProblem(request)
      if (problem !== undefined) return json(response, 400, { error: problem })
      const { status, body: healthy } = answers.health(release, heights, around)
      const [path] = request.url!.split('?') as [string]
      switch (`${request.method} ${path}`) {
        case 'GET /v2/info': return json(response, 200, answers.info(config, release, heights))
        case 'GET /v2/pox': return json(response, 200, answers.pox(config, release, heights))
        case 'GET /v3/health': return json(response, status, healthy)
        case 'POST /v3/block_proposal': return proposal(request, response, body)
        case 'POST /v3/blocks/upload/': return upload(request, response)
        default: {
          const told = request.method === 'GET' ? signersAnswer(config, around, path) : request.method === 'POST' ? registryAnswer(around, path, body) : undefined
          return json(response, told?.status ?? 404, told?.body ?? {})
        }
      }
    }).catch(() => response.destroy())
  }
}

/** The status that a call without the right token gets; the token is the whole header, with no scheme before it. */
function tokenProblem({ headers }: IncomingMessage, token: string | undefined): number | undefined {
  if (token === undefined) return 400
  return headers.authorization === token ? undefined : 401
}

/** What the node's own HTTP server refuses in any request; that Host is there Node.js sees to. */
function requestProblem({ headers, rawHeaders }: IncomingMessage): string | undefined {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  if (names.length > 64) return 'too many headers'
  if (new Set(names).size !== names.length) return 'duplicate header'
  if (headers.connection !== undefined && !['close', 'keep-alive'].includes(headers.connection.toLowerCase())) return 'bad Connection'
  if (headers['transfer-encoding'] !== undefined) return 'chunked request'
  const type = headers['content-type']?.split(';')[0]
  return type !== undefined && !contentTypes.includes(type) ? 'bad Content-Type' : undefined
}

function json(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), 'Access-Control-Allow-Origin': '*' }).end(text)
}
