/** Names that older documentation gave, and what became of them. Not a guess: each message is certain. */

export interface Migration {
  /** As it was written, in small letters; an answer or a passed-through key of this name in any case is meant. */
  readonly name: string
  readonly was: 'signer' | 'node' | 'file'
  /** What became of it: the rest of a sentence that begins with the name. */
  readonly message: string
  readonly hint: string
  /** The first release without it. A release before that one still accepts the key, so only its catalogue can tell. */
  readonly removed?: string
}

const affirmation = 'is a key of the affirmation maps, which stacks-node 3.2.0.0.2 removed'
const leaveOut = 'leave it out: nothing takes its place'

export const migrations: readonly Migration[] = [
  { name: 'message_private_key', was: 'signer', message: 'is a key of the first signer, which signed messages with a second key; the signer now has one key for all', hint: 'give that one key as SIGNER_PRIVATE_KEY, or put it into secrets/signer-private-key' },
  { name: 'stackerdb_contract_id', was: 'signer', message: 'is a key of the first signer; the contracts are now derived from the reward cycle', hint: leaveOut },
  { name: 'signer_id', was: 'signer', message: 'is a key of the first signer; the slot now comes from the reward set of each cycle', hint: leaveOut },
  { name: 'signers', was: 'signer', message: 'is the list of public keys of the first signer; it now comes from the reward set of each cycle', hint: leaveOut },
  { name: 'signers.toml', was: 'file', message: 'is the file that listed the first signers; they now come from the reward set of each cycle', hint: leaveOut },
  { name: 'stacks_private_key', was: 'signer', message: 'is a key of signer-config.toml; here it is an answer', hint: 'write SIGNER_PRIVATE_KEY, or put the key into secrets/signer-private-key' },
  { name: 'auth_password', was: 'signer', message: 'is a key of signer-config.toml; here it is an answer', hint: 'write AUTH_TOKEN, or leave it out: one is made on the first run' },
  { name: 'always_use_affirmation_maps', was: 'node', message: affirmation, hint: leaveOut, removed: '3.2.0.0.2' },
  { name: 'require_affirmed_anchor_blocks', was: 'node', message: affirmation, hint: leaveOut, removed: '3.2.0.0.2' },
  { name: 'assume_present_anchor_blocks', was: 'node', message: affirmation, hint: leaveOut, removed: '3.2.0.0.2' },
  { name: 'affirmation_overrides', was: 'node', message: affirmation, hint: leaveOut, removed: '3.2.0.0.2' },
  { name: 'ast_precheck_size_height', was: 'node', message: 'is a key that stacks-node 3.2.0.0.2 removed', hint: leaveOut, removed: '3.2.0.0.2' },
]

/** Values that an answer no longer has. The rest of a sentence that begins with NAME=value, and what to write instead. */
const formerValues: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  'LOG_RETENTION_DAYS=0': { message: 'left the logs to Docker, which is LOGS=docker now', hint: 'write LOGS=docker in its place' },
}

/** What became of a value that this answer once had. */
export function findFormerValue(key: string, value: string): { readonly message: string; readonly hint: string } | undefined {
  const name = `${key}=${value}`
  return Object.hasOwn(formerValues, name) ? formerValues[name] : undefined
}

/** The migration of a name in any case, whether bare or passed through (`SIGNER__…`, `NODE__section__…`). */
export function findMigration(name: string): Migration | undefined {
  const bare = name.toLowerCase().split('__').at(-1)!
  return migrations.find((migration) => migration.name === bare || migration.name === name.toLowerCase())
}
