import { arrayAt, numberAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { reported, type Usage } from '#src/core/usage.ts'

/** Tokens in tutti's terms: Converse counts what it read from a cache and wrote to it beside the input. */
export function convertUsage(wire: JsonObject): Usage {
  const own = count(wire, 'inputTokens')
  const output = count(wire, 'outputTokens')
  const cachedInput = count(wire, 'cacheReadInputTokens') ?? count(wire, 'cacheReadInputTokenCount')
  const cacheWrite = count(wire, 'cacheWriteInputTokens') ?? count(wire, 'cacheWriteInputTokenCount')
  const beside = (cachedInput ?? 0) + (cacheWrite ?? 0)
  // Some models' input holds them already, as the total shows.
  const inside = own !== undefined && own >= beside && count(wire, 'totalTokens') === own + (output ?? 0)
  const long = longWrite(wire)
  return reported({
    input: own === undefined || inside ? own : own + beside,
    cachedInput,
    cacheWrite,
    cacheWriteLong: long === undefined ? undefined : Math.min(long, cacheWrite ?? 0),
    output,
  })
}

/** What was written for an hour. */
function longWrite(wire: JsonObject): number | undefined {
  const details = (arrayAt(wire, 'cacheDetails') ?? []).filter((detail) => stringAt(detail, 'ttl') === '1h')
  if (details.length === 0) return undefined
  return details.reduce((sum: number, detail) => sum + (numberAt(detail, 'inputTokens') ?? 0), 0)
}

function count(wire: JsonObject, name: string): number | undefined {
  const value = numberAt(wire, name)
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
