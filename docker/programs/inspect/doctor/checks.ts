/** All checks, from the ground up: what comes first explains what comes later. */

import { backupChecks } from './backup.ts'
import { bitcoinChecks } from './bitcoin.ts'
import type { Check } from './check.ts'
import { containerChecks, failureChecks } from './containers.ts'
import { driftChecks } from './drift.ts'
import { endedChecks } from './ended.ts'
import { exposureChecks } from './exposure.ts'
import { fileChecks } from './files.ts'
import { guardChecks } from './guard.ts'
import { machineChecks } from './machine.ts'
import { nodeChecks } from './node.ts'
import { observerChecks } from './observer.ts'
import { sbtcChecks } from './sbtc.ts'
import { signerChecks } from './signer.ts'
import { startChecks } from './start.ts'
import { tlsChecks } from './tls.ts'

export const checks: readonly Check[] = [
  ...machineChecks, ...fileChecks, ...startChecks, ...failureChecks, ...endedChecks, ...containerChecks, ...exposureChecks, ...driftChecks,
  ...bitcoinChecks, ...nodeChecks, ...guardChecks, ...tlsChecks, ...observerChecks, ...signerChecks,
  ...sbtcChecks, ...backupChecks,
]
