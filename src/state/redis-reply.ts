/** What a server replies: texts (as bytes where these were asked for), numbers, and lists of both. */
export type Reply = string | number | null | Buffer | readonly Reply[]

export function toReply(value: unknown): Reply {
  if (Array.isArray(value)) return value.map(toReply)
  if (typeof value === 'string' || typeof value === 'number' || value === null || Buffer.isBuffer(value)) return value
  throw new TypeError(`a reply of an unknown kind: ${typeof value}`)
}

export function listOf(reply: Reply | undefined): readonly Reply[] {
  return typeof reply === 'object' && reply !== null && !Buffer.isBuffer(reply) ? reply : []
}

export function textOf(reply: Reply | undefined): string {
  return Buffer.isBuffer(reply) ? reply.toString() : String(reply ?? '')
}

/** Names and values in turn, as hashes are replied. */
export function pairsOf(reply: Reply | undefined): readonly (readonly [string, string])[] {
  const list = listOf(reply)
  return list.flatMap((name, at) => (at % 2 === 0 ? [[textOf(name), textOf(list[at + 1])] as const] : []))
}
