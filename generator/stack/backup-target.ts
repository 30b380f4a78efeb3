/** What backups are, once the answers are read. */

/** Where backups go. A path is one of this machine, or of the server. */
export type BackupTarget =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'sftp'; readonly host: string; readonly port: number; readonly user: string; readonly path: string; readonly hostKey: string }
  | { readonly kind: 's3'; readonly endpoint: string; readonly bucket: string; readonly region?: string }

/** Backups of what cannot be fetched again. */
export interface Backup {
  readonly target: BackupTarget
  /** Public keys of age; without any the secrets are in no backup. */
  readonly recipients: readonly string[]
  readonly keep: { readonly daily: number; readonly weekly: number; readonly monthly: number }
  /** HH:MM, UTC. */
  readonly at: string
}
