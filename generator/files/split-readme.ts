/** `README.md` beside the two directories of a split stack: what goes where. */

import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderTemplate, type Templates, type View } from '../render/template.ts'
import type { Stack, TlsEnd, TlsLink } from '../stack/model.ts'

/** The README above the hosts' directories. Throws when the template is not among `templates`. */
export function splitReadmeFile(stack: Stack & { readonly tls: TlsLink }, templates: Templates): PlannedFile {
  return { path: 'README.md', content: renderTemplate(templates, 'split-README', splitReadmeView(stack)), mode: 0o644 }
}

/** What templates/split-README.hbs may see. */
export function splitReadmeView(stack: Stack & { readonly tls: TlsLink }): View {
  return {
    header,
    name: stack.name,
    network: stack.network,
    nodeRelease: stack.nodeRelease,
    signerRelease: stack.signerRelease,
    identity: stack.identity && { ...stack.identity },
    generated: stack.tls.certificates === 'generated',
    node: endView(stack.tls.node),
    signer: endView(stack.tls.signer),
  }
}

/** rsync wants an IPv6 address in brackets, as the answers have it. */
function endView({ host, port }: TlsEnd): View {
  return { host, port, ssh: host }
}
