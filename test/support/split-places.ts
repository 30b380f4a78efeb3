/** The places of a split stack as the tests have it; alone, so that a small program need not load more. */

import { certPlaces } from '../../generator/certs/places.ts'

export const splitPlaces = certPlaces({ topology: 'split', nodeHost: 'node.example.net', signerHost: '192.0.2.7' })
