/** An observer of the operator's own. */
export interface Observer {
  /** HOST:PORT, as the relay calls it; `machinePort` is the port of one on the machine that runs the stack. */
  readonly endpoint: string
  readonly machinePort?: number
  readonly keys: readonly string[]
  readonly timeoutMs: number
  readonly retries: boolean
}
