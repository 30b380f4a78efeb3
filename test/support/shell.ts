/** A path as one word of a shell, quoted like in the commands that the generator prints. */
export const shellWord = (path: string): string => (/[^\w@%+=:,./-]/.test(path) ? `'${path}'` : path)
