/**
 * What a dump of the sBTC signer's database is called, and which verdicts prove it: for the program that makes and verifies the
 * dumps, for the one that stores them, and for the one that tells of them.
 */

import { provenVerdicts } from '../../../generator/catalogue/container.ts'

/** The ends of the three files of a dump; each begins with the dump's name. */
export const dumpEnds = { dump: '.dump.age', manifest: '.manifest.json', verdict: '.verdict.json' } as const

/** sbtc-signer-NUMBER-TIME: the number grows by one with each dump. */
const dumpName = /^sbtc-signer-(\d{6,})-\d{8}T\d{6}Z$/

/** The number in the name of a dump; undefined for any other name. */
export function dumpNumber(name: string): number | undefined {
  const digits = dumpName.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Whether a dump with this verdict can be relied on, and counts when old ones are removed. */
export const isProven = (verdict: string): boolean => provenVerdicts.includes(verdict)
