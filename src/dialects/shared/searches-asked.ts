import { stringAt, type JsonObject } from '#src/core/json.ts'
import type { Signals } from '#src/core/request.ts'
import { isSet, toolsOf } from './provider-reads.ts'

/** Members by which a search is asked for without a tool. */
const MEMBERS = ['web_search_options', 'search_parameters', 'plugins', 'enable_search']

/**
 * How often the provider may search for a request of this body. `limitOf` gives the limit that a tool for it carries; `limit`: the one of all
 * tools together.
 */
export function searchesAsked(
  body: JsonObject,
  { limit, limitOf = () => limit }: { limit?: number | undefined; limitOf?: (tool: JsonObject) => number | undefined },
): Pick<Signals, 'searches'> {
  const tools = toolsOf(body).filter(isSearch)
  const beside = MEMBERS.some((name) => isSet(body[name]))
  if (beside) return { searches: 'any' }
  if (tools.length === 0) return {}
  if (limit !== undefined) return { searches: limit }
  const limits = tools.map(limitOf)
  return {
    searches: limits.reduce<number | 'any'>((sum, own) => (sum === 'any' || own === undefined ? 'any' : sum + own), 0),
  }
}

/** Vendors name them alike: `web_search`, `web_search_20250305`, `googleSearch`, `x_search`; `file_search` looks into what the caller has. */
function isSearch(tool: JsonObject): boolean {
  const name = (stringAt(tool, 'type') ?? Object.keys(tool).join(' ')).toLowerCase()
  return name.includes('search') && !name.includes('file')
}
