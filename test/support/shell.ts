/** A path as one word of a shell, as the command writes it into what is to be typed next. */
export const shellWord = (path: string): string => (/[^\w@%+=:,./-]/.test(path) ? `'${path}'` : path)
