// The letters that SQLite's lower() and upper() know. Pure.

export const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const LOWER = 'abcdefghijklmnopqrstuvwxyz';

/** translate() makes of each letter of the first text the one of the second, whatever the locale. */
export const ASCII_CASE = {
  'lower ascii': [`translate($1, '${UPPER}', '${LOWER}')`],
  'upper ascii': [`translate($1, '${LOWER}', '${UPPER}')`],
};
