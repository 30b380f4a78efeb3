/** What the signer double meets, and how it comes out. */

export interface SignerWorld {
  /** Seconds after which the numbers that it has from its node are asked anew, by whoever reads them next. */
  readonly refresh: number
  /** Of ten proposals that its node took, how many it answers, and how many of those answers are rejections. */
  readonly answered: number
  readonly rejected: number
  /** Seconds from a block's time to its answer. */
  readonly latency: number
  /** The reward cycle that it is in. */
  readonly cycle: number
}

export const usualSignerWorld: SignerWorld = { refresh: 60, answered: 10, rejected: 0, latency: 0.4, cycle: 1 }
