/** What the package is tried with, as README.md says. */

export const NODES = ['20', '22', '24', '26'] as const;

/** The oldest that the package takes, and all later majors. */
export const VITESTS = ['3.2', '4', '5'] as const;

/** The oldest, and all later ones. */
export const COMPILERS = ['5.7', '5.8', '5.9', '6.0', '7.0'] as const;
