/** The runbook's sections about the backups of the sBTC signer's database. */

import type { Section } from './section.ts'

const log = '`make logs S=sbtc-backup`: the last verdict is there with its reason.'
const safe = 'Older backups that were proven are kept: `make sbtc-backup-list` shows them. Remove none by hand.'

export const sbtcBackupSections: readonly Section[] = [
  {
    name: 'SbtcBackupDamaged',
    means: 'The newest dump does not restore into a fresh server, or what it restores is not what the running database held.',
    check: [log, 'Does an older dump verify? Then the disk or this one dump is at fault; if not, the database itself is.', 'The kernel\'s log, for errors of the disk.'],
    remedy: ['`make sbtc-backup`, and look at its verdict.', 'Where rows went and that is right, verify once: `make sbtc-backup-verify FEWER_ROWS=yes`.', safe],
  },
  {
    name: 'SbtcBackupForeign',
    means: 'The shares in the dump are not those that this signer had, or its public key is not in the set of the key.',
    check: [log, 'Does the signer run with the database that it should, and with its own key?'],
    remedy: ['Stop the signer until it is clear whose database it is: a key never runs twice.', safe],
  },
  {
    name: 'SbtcBackupWrongNetwork',
    means: 'The database and the chain that was asked are of different networks.',
    check: [log, '`config/sbtc-backup.json`: the network, and the node that is asked.'],
    remedy: ['Correct the answers, generate again, and verify again.'],
  },
  {
    name: 'SbtcBackupStale',
    means: 'The key on the chain is not among the verified ones of the newest dump, or its newest block is days old.',
    check: [log, 'Does the signer run, and do its nodes follow the chain?', 'Was there a rotation? Did this signer take part in the key generation?'],
    remedy: ['Where the signer missed a key generation, tell the sBTC team: it cannot sign with the new key.', 'Where it stood still, bring it up, then `make sbtc-backup`.'],
  },
  {
    name: 'SbtcBackupNotVerified',
    means: 'The verification itself did not work: no room for the scratch database, no identity to decrypt with, another major version of PostgreSQL.',
    check: [log, 'The room on the disk of the scratch folder.'],
    remedy: ['Remove what is in the way; the next try comes within half an hour.'],
  },
  {
    name: 'SbtcBackupChainUnreachable',
    means: 'No node and no API gave an answer that can be relied on, or the node is behind the dump. The dump is not proven.',
    check: [log, 'The node: does it answer, and at which height is it?'],
    remedy: ['Bring the node up; the next try comes within half an hour.'],
  },
  {
    name: 'SbtcBackupRotationPending',
    means: 'The signers verified a new key, and the registry still holds the one before.',
    check: [log, 'The channel of the sBTC team: is a rotation under way?'],
    remedy: ['Nothing here: the dump holds both keys. Tell the team when it lasts.'],
  },
  {
    name: 'SbtcBackupNoKeyOnChain',
    means: 'The registry of this network has never been given a key.',
    check: [log, 'Is the deployer the right one?'],
    remedy: ['Nothing, where the network is that new.'],
  },
  {
    name: 'SbtcBackupFailing',
    means: 'No dump can be made, encrypted or copied.',
    check: [log, 'Has the disk room?', 'Does the database answer?'],
    remedy: ['Remove what is in the way; the next try comes within a quarter of an hour.', safe],
  },
  {
    name: 'SbtcBackupTooOld',
    means: 'The last dump that was made and copied is too old.',
    check: [log, 'Does the service `sbtc-backup` run?'],
    remedy: ['`make sbtc-backup`, and look at its end.'],
  },
  {
    name: 'SbtcBackupMissing',
    means: 'No dump has ever been made and copied, or the note that says so is gone.',
    check: [log, 'Does the service `sbtc-backup` run?'],
    remedy: ['`make sbtc-backup`, and look at its end.'],
  },
  {
    name: 'SbtcBackupVerificationTooOld',
    means: 'Dumps may be made, and nothing looks at them.',
    check: [log, 'Does the service `sbtc-backup` run?'],
    remedy: ['`make sbtc-backup-verify`, and look at its end.'],
  },
]
