/** `config/blackbox/blackbox.yml`: the signer's heartbeat, and the certificates of the sidecars on this host. */

import { paths } from '../catalogue/container.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderYaml } from '../render/yaml.ts'
import type { Host, Stack } from '../stack/model.ts'
import { sidecars } from './prometheus.ts'

export function blackboxFile({ tls }: Stack, host: Host): PlannedFile {
  const ends = tls ? sidecars(host).map(({ name }) => (name === 'node-tls' ? tls.node : tls.signer)) : []
  const data = {
    modules: {
      heartbeat: { prober: 'http', timeout: '10s', http: { valid_status_codes: [200], follow_redirects: false, preferred_ip_protocol: 'ip4' } },
      // In TLS 1.3 a server shows its certificate before it asks for one: no key of ours is needed to look at it.
      ...Object.fromEntries(ends.map(({ service, tlsName }) => [service.replace('-', '_'), {
        prober: 'tcp', timeout: '10s',
        tcp: { tls: true, preferred_ip_protocol: 'ip4', tls_config: { ca_file: `${paths.blackboxConfig}/ca.pem`, server_name: tlsName, min_version: 'TLS13' } },
      }])),
    },
  }
  return { path: `${host.directory}config/blackbox/blackbox.yml`, content: renderYaml(data, header), mode: 0o644 }
}
