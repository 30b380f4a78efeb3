import t from 'tap'
import { isLoopback, parseReference } from '../../generator/registry/reference.ts'

const good: Readonly<Record<string, readonly [base: string, repository: string]>> = {
  'docker.io/library/debian': ['https://registry-1.docker.io', 'library/debian'],
  'docker.io/debian': ['https://registry-1.docker.io', 'library/debian'],
  'index.docker.io/bitcoin/bitcoin': ['https://registry-1.docker.io', 'bitcoin/bitcoin'],
  debian: ['https://registry-1.docker.io', 'library/debian'],
  'bitcoin/bitcoin': ['https://registry-1.docker.io', 'bitcoin/bitcoin'],
  'ghcr.io/stacks-network/stacks-core': ['https://ghcr.io', 'stacks-network/stacks-core'],
  'GHCR.io/a/b': ['https://ghcr.io', 'a/b'],
  'registry.example.net:5000/a/b/c': ['https://registry.example.net:5000', 'a/b/c'],
  'localhost/x': ['http://localhost', 'x'],
  'localhost:5000/a__b/c-d.e': ['http://localhost:5000', 'a__b/c-d.e'],
  '127.0.0.1:5000/x': ['http://127.0.0.1:5000', 'x'],
  '[::1]:5000/x': ['http://[::1]:5000', 'x'],
  '127.0.0.1.example.net/x': ['https://127.0.0.1.example.net', 'x'],
}

for (const [name, [base, repository]] of Object.entries(good)) {
  t.strictSame(parseReference(name), { value: { name, base, repository }, problems: [] }, name)
}

for (const name of ['', '/', 'docker.io/', 'ghcr.io/A/b', 'ghcr.io/a/../b', 'ghcr.io/a//b', 'ghcr.io/a b', 'ghcr.io:70000/a', 'user@ghcr.io/a',
  'ghcr.io/a:1', 'ghcr.io/a@sha256:00', '-x.y/a', 'ghcr.io/a?b', 'ghcr.io/a\n', `ghcr.io/${'a'.repeat(300)}`]) {
  t.match(parseReference(name), { value: undefined, problems: [{ code: 'bad-image', severity: 'error' }] }, JSON.stringify(name))
}

t.ok(isLoopback('[::1]') && isLoopback('localhost') && !isLoopback('10.0.0.1') && !isLoopback('localhost.example.net'))
