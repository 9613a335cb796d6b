/** Wrong use of the program: said with the command's usage. */
export class UsageError extends Error {}
