import t from 'tap'
import { readChallenge, readToken, scopeFor, tokenUrl } from '../../generator/registry/challenge.ts'

t.test('the challenges that registries give', async (t) => {
  t.strictSame(readChallenge('Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/debian:pull"'),
    { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/debian:pull' })
  t.strictSame(readChallenge('bearer  realm = "https://a/b?x=1,2" , service=s'), { realm: 'https://a/b?x=1,2', service: 's' })
  t.strictSame(readChallenge('Basic realm="x", Bearer realm="https://a/",error="invalid_token"'), { realm: 'https://a/' })
  t.strictSame(readChallenge('Bearer realm="https://a/", Basic realm="other"'), { realm: 'https://a/' })
  t.strictSame(readChallenge('Bearer realm="a \\"b\\" c"'), { realm: 'a "b" c' })
  for (const none of [undefined, '', 'Basic realm="x"', 'Bearer', 'Bearer service="s"', `Bearer realm="${'x'.repeat(9000)}"`]) {
    t.equal(readChallenge(none), undefined, String(none).slice(0, 30))
  }
})

t.test('no more than reading is asked for', async (t) => {
  t.equal(scopeFor('a/b', { realm: 'r', scope: 'repository:mirror/a/b:pull' }), 'repository:mirror/a/b:pull')
  for (const scope of ['repository:a/b:pull,push', 'registry:catalog:*', 'repository:a/b:pull repository:c/d:push']) {
    t.equal(scopeFor('a/b', { realm: 'r', scope }), 'repository:a/b:pull', scope)
  }
  t.equal(String(tokenUrl({ realm: 'https://a/t?k=v', service: 's p' }, 'repository:a/b:pull')), 'https://a/t?k=v&service=s+p&scope=repository%3Aa%2Fb%3Apull')
  t.equal(tokenUrl({ realm: '/token' }, 's'), undefined)
})

t.test('tokens', async (t) => {
  t.equal(readToken({ token: 'a.b-c_d' }), 'a.b-c_d')
  t.equal(readToken({ access_token: 'x' }), 'x')
  t.equal(readToken({ token: '', access_token: 'x' }), 'x')
  for (const bad of [{}, { token: 1 }, { token: 'a\r\nX: y' }, { token: 'a b' }, { token: 'x'.repeat(9000) }]) t.equal(readToken(bad), undefined)
})
