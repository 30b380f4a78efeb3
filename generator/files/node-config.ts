/** `config/node-config.toml`: complete and valid, with placeholders that `init` fills from `secrets/`. */

import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderToml } from '../render/toml.ts'
import type { Host, Stack } from '../stack/model.ts'

export function nodeConfigFile(stack: Stack, host: Host): PlannedFile {
  return {
    path: `${host.directory}config/node-config.toml`,
    content: renderToml(stack.nodeConfig, [
      ...header,
      `stacks-node ${stack.nodeRelease}. A value between @ signs is a secret: the init container fills it in.`,
    ]),
    mode: 0o644,
  }
}
