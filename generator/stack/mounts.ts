/** What a service sees of volumes and of the host's folders. */

import type { Mount } from './model.ts'

export const volume = (name: string, target: string, readOnly = false): Mount => ({ source: { volume: name }, target, readOnly })

/** Never written to from within. */
export const folder = (path: string, target: string): Mount => ({ source: { path }, target, readOnly: true })
