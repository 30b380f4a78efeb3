/** Where logs are stored: in Docker's files for each container, or in the journal of the machine. `maxSize` in journald's notation. */
export type Logs = { readonly driver: 'json-file' } | { readonly driver: 'journald'; readonly days: number; readonly maxSize: string }
