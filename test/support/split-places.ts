/** The places of certificates in a stack on two hosts. A file of its own, so that a small program loads nothing else. */

import { certPlaces } from '../../generator/certs/places.ts'

export const splitPlaces = certPlaces({ topology: 'split', nodeHost: 'node.example.net', signerHost: '192.0.2.7' })
