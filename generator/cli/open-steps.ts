/** What an operator still has to do on a new stack, besides starting it. */

import type { Stack } from '../stack/model.ts'

/** Each step in a few words. */
export function openSteps(stack: Stack): readonly string[] {
  return [
    ...(stack.hosts.some(({ volumes }) => volumes.some(({ directory }) => directory)) ? ['sudo make data-dirs'] : []),
    ...(stack.firewall ? ['sudo make firewall-apply'] : []),
    ...(stack.logs.driver === 'journald' ? ['sudo make logs-install'] : []),
    ...(stack.backup ? ['make backup'] : ['a backup, with the answer BACKUP']),
  ]
}
