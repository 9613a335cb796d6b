/** What the steps of a store say, as JSON: money, times without an end and maps too. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one === 'bigint') return { $: 'bigint', value: String(one) }
    if (one === Number.POSITIVE_INFINITY) return { $: 'infinity' }
    if (one instanceof Map) return { $: 'map', value: [...one] }
    return one
  })
}

interface Tagged {
  readonly $?: string
  readonly value?: unknown
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_key, one: Tagged | null) => {
    switch (typeof one === 'object' ? one?.$ : undefined) {
      case 'bigint':
        return BigInt(String(one?.value))
      case 'infinity':
        return Number.POSITIVE_INFINITY
      case 'map':
        return new Map(one?.value as [unknown, unknown][])
      default:
        return one
    }
  })
}
