import t from 'tap'
import { newestPair, releaseFault } from '../../generator/answers/release-answers.ts'

t.equal(releaseFault('pair', newestPair()), undefined)
t.equal(releaseFault('node', '3.1.0.0.13'), undefined)
t.equal(releaseFault('signer', '3.1.0.0.5.0'), undefined)

for (const [of, value, message, hint] of [
  ['pair', '3.4.0.0.4', 'expects a release that ships node and signer together, 4.0.0 or later, found "3.4.0.0.4"', 'write STACKS_NODE_VERSION=3.4.0.0.4 and STACKS_SIGNER_VERSION=3.4.0.0.4.0'],
  ['pair', '3.4.0.0.4.0', 'expects a release that ships node and signer together, 4.0.0 or later, found "3.4.0.0.4.0"', 'write STACKS_NODE_VERSION=3.4.0.0.4 and STACKS_SIGNER_VERSION=3.4.0.0.4.0'],
  ['pair', 'v4.0.2', 'expects a known release, found "v4.0.2"', 'did you mean 4.0.2?'],
  ['pair', '4.0.2-alpine', 'expects a known release, found "4.0.2-alpine"', 'did you mean 4.0.2?'],
  ['pair', 'latest', 'expects one release, found "latest", which is another one every few weeks', `the newest release known here is ${newestPair()}`],
  ['pair', '99.1.0', 'expects a release that this generator knows, found "99.1.0"', `the newest known here is ${newestPair()}; a newer generator may know more\nALLOW_UNSUPPORTED=yes takes it to be like that one`],
  ['node', '3.4.0.0.4.0', 'expects a release of stacks-node, found "3.4.0.0.4.0", which is one of stacks-signer', 'did you mean 3.4.0.0.4?'],
  ['signer', '3.4.0.0.4', 'expects a release of stacks-signer, found "3.4.0.0.4", which is one of stacks-node', 'did you mean 3.4.0.0.4.0?'],
  ['signer', 'signer-3.4.0.0.4.0', 'expects a known release, found "signer-3.4.0.0.4.0"', 'did you mean 3.4.0.0.4.0?'],
  ['node', 'nonsense', 'expects a known release, found "nonsense"', undefined],
  ['node', '2.0.0', 'expects a known release, found "2.0.0"', undefined],
] as const) {
  const fault = releaseFault(of, value)
  t.equal(fault?.message, message)
  if (value !== '2.0.0') t.equal(fault?.hint, hint)
}
