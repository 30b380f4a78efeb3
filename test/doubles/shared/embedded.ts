/** The tables that the build wrote into this program. */

import type { Tables } from '../tables.ts'

declare const DOUBLE_TABLES: Tables

/** What the release that this double stands for accepts. */
export const tables: Tables = DOUBLE_TABLES
