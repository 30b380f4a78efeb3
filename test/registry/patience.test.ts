import t from 'tap'
import { waitFor } from '../../generator/registry/patience.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

t.strictSame([1, 2, 3, 4].map((attempt) => waitFor(attempt, undefined, now)), [1, 2, 4, 4], 'longer each time')
t.equal(waitFor(1, '30', now), 30)
t.equal(waitFor(1, '0', now), 1, 'never at once')
t.equal(waitFor(1, 'Sun, 01 Mar 2026 12:00:45 GMT', now), 45)
t.equal(waitFor(1, 'Sun, 01 Mar 2026 11:00:00 GMT', now), 1, 'a date gone by')
for (const nonsense of ['', 'soon', '-5', '1.5', '99999999999999']) t.equal(waitFor(2, nonsense, now), 2, nonsense)
