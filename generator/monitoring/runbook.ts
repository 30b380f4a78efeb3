/** What to do when an alert comes, a section for each name. Every command named is a target of the host's Makefile. */

import type { Need } from './alert.ts'
import { hostSections } from './host-runbook.ts'
import { nodeSections } from './node-runbook.ts'
import { sbtcBackupSections } from './sbtc-backup-runbook.ts'
import { sbtcSections } from './sbtc-runbook.ts'
import type { Section, Step } from './section.ts'
import { signerSections } from './signer-runbook.ts'

export const sections: readonly Section[] = [...signerSections, ...nodeSections, ...sbtcSections, ...hostSections, ...sbtcBackupSections]

/** The steps that fit what is there. */
export function stepsFor(steps: readonly Step[], has: ReadonlySet<Need>): readonly string[] {
  return steps.flatMap((step) => {
    if (typeof step === 'string') return [step]
    const fits = (step.needs ?? []).every((need) => has.has(need)) && !step.without?.some((need) => has.has(need))
    return fits ? [step.text] : []
  })
}
