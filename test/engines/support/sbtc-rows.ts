/** What an sBTC signer would have written into its database in years, as SQL for one that runs. */

import { createHash } from 'node:crypto'

/** A key of nobody, by a name. */
export const keyOf = (name: string): string => `02${createHash('sha256').update(name).digest('hex')}`

/** A verified share of `key`, made on that day of March 2026 by the signers of `set`, of whom `required` must sign. */
export const shareRow = (key: string, day: number, set: readonly string[], required: number): string => `INSERT INTO sbtc_signer.dkg_shares VALUES ('\\x${key}', '\\x01', sha256('private ${key}'), sha256('public ${key}'), '\\x5120',
  ARRAY[${set.map((one) => `'\\x${one}'::bytea`).join(', ')}], ${required}, '2026-03-0${day}T00:00:00Z', 'verified', '\\x00', 0)`

/** The newest Bitcoin blocks up to where the signer's node is, told by its `/v2/info`: a stand-in's heights are made up. */
export function blocksTo(info: string): string {
  const burn = Number(/"burn_block_height": ?(\d+)/.exec(info)?.[1])
  return `INSERT INTO sbtc_signer.bitcoin_blocks SELECT sha256(convert_to('block ' || h, 'UTF8')), h, '\\x00' FROM generate_series(${burn - 20}, ${burn}) AS h ON CONFLICT DO NOTHING`
}
