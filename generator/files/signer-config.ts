/** `config/signer-config.toml`: complete and valid, with placeholders that `init` fills from `secrets/`. */

import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderToml } from '../render/toml.ts'
import type { Host, Stack } from '../stack/model.ts'

export function signerConfigFile(stack: Stack, host: Host): PlannedFile {
  return {
    path: `${host.directory}config/signer-config.toml`,
    content: renderToml(stack.signerConfig, [
      ...header,
      `stacks-signer ${stack.signerRelease}. A value between @ signs is a secret: the init container fills it in.`,
    ]),
    mode: 0o644,
  }
}
