/** The time now as RFC 3339, in UTC and to the second. */
export const timestamp = (): string => new Date().toISOString().replace(/\.\d+/, '')
