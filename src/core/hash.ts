/** SHA-256 of a text's UTF-8 bytes, lower-case hex; at once where the runtime can. */
export type Hash = (text: string) => string | Promise<string>
