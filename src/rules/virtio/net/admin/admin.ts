import { COMMANDS } from './commands.ts';
import { FILTERS } from './filters.ts';
import { SECURITY } from './security.ts';

/** Rules of the commands of the administration virtqueue. */
export const ADMIN = { ...COMMANDS, ...FILTERS, ...SECURITY } as const;
