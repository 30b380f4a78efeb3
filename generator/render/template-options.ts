/** How templates are understood, be it here or when the command is built. */

/** Nothing is escaped, since nothing is HTML, and a field that the view lacks is an error. */
export const templateOptions = { strict: true, noEscape: true, knownHelpersOnly: true } as const
