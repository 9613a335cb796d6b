import type { ServerTool } from './conversation.ts'
import { arrayAt, isObject, objectAt, type JsonObject } from './json.ts'

/** What is asked of a tool that the provider runs, in words that are common to all. */
export interface ServerToolOptions {
  /** Of a search: only pages of these count. */
  readonly allowedDomains?: readonly string[]
  /** Of a search: pages of these do not count. */
  readonly blockedDomains?: readonly string[]
  /** Of a search: where the one who asks is, as `city`, `region`, `country` and `timezone`. */
  readonly location?: JsonObject
  /** Options that only their own vendor has, by its names of them. */
  readonly others: readonly string[]
}

const NO_OPTIONS = new Set(['type', 'name', 'cache_control'])
const SEARCH = new Set(['filters', 'allowed_domains', 'blocked_domains', 'user_location'])

/** The options of a tool: OpenAI and Anthropic write them beside its type, Google inside its only member. */
export function serverToolOptions({ common, value }: ServerTool): ServerToolOptions {
  const written = writtenIn(value)
  const names = Object.keys(written).filter((name) => written[name] !== null)
  if (common !== 'web_search') return { others: names }
  const filters = objectAt(written, 'filters')
  const allowed = textsAt(filters, 'allowed_domains') ?? textsAt(written, 'allowed_domains')
  const blocked = textsAt(filters, 'blocked_domains') ?? textsAt(written, 'blocked_domains')
  const place = objectAt(written, 'user_location')
  const { type: _type, ...location } = objectAt(place, 'approximate') ?? place ?? {}
  return {
    others: names.filter((name) => !SEARCH.has(name)),
    ...(allowed && { allowedDomains: allowed }),
    ...(blocked && { blockedDomains: blocked }),
    ...(Object.keys(location).length > 0 && { location }),
  }
}

/** Says of each option that it was left out. */
export function optionNotSent(option: string, { common }: ServerTool): string {
  return `\`${option}\` of the tool \`${common ?? ''}\` was not sent: the provider has no such field`
}

function writtenIn(value: JsonObject): JsonObject {
  const [only] = Object.values(value)
  if (!('type' in value) && isObject(only)) return only
  return Object.fromEntries(Object.entries(value).filter(([name]) => !NO_OPTIONS.has(name)))
}

function textsAt(value: JsonObject | undefined, name: string): readonly string[] | undefined {
  const texts = arrayAt(value, name)?.filter((own) => typeof own === 'string')
  return texts && texts.length > 0 ? texts : undefined
}
