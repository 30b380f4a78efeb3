/** A program that writes certificates and is killed at a chosen step. Arguments: directory, step, the plan as JSON. */

import { splitPlaces } from './split-places.ts'
import { applyCertWrites } from '../../generator/io/cert-store.ts'
import type { CertWrite } from '../../generator/certs/writes.ts'
import { withFault } from './faults.ts'

const [directory = '', step = '0', writes = '[]'] = process.argv.slice(2)
withFault(Number(step), 'kill', () => applyCertWrites(directory, splitPlaces, JSON.parse(writes) as readonly CertWrite[]))
