import { unwrapped } from '#src/core/address.ts'
import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { foldMember } from '#src/core/member-name.ts'
import type { Signals } from '#src/core/request.ts'
import { invalid, MAX_MODEL } from './read-request.ts'

/** Members that hold tools, and members of a tool, folded, whose texts name a model that whoever answers asks, or a host that it calls. */
const LISTS: ReadonlySet<string> = new Set(['tools', 'mcpservers'])
const MODELS: ReadonlySet<string> = new Set(['model', 'modelname'])
const PLACES: ReadonlySet<string> = new Set(['url', 'uri', 'host', 'connectorid'])
/** How the names of such members end, whatever stands before it: `mcp_server_url`. */
const PLACE_ENDS = ['serverurl', 'serverurls', 'serveruri', 'endpoint', 'baseurl', 'apibase'] as const
/** What the caller names itself in there: schemas and headers. */
const CALLERS_OWN: ReadonlySet<string> = new Set(
  'parameters function functiondeclarations inputschema outputschema headers'.split(' '),
)

/** No request has use for more; a rule is asked about each. */
const MOST = 64
/** A name in DNS has at most so many characters. */
const LONGEST_HOST = 253

/** Models and hosts that tools of a request name for whoever answers. Throws FailureError 400 for more than anybody has use for. */
export function toolsNamed(body: JsonObject): Pick<Signals, 'carried' | 'called'> {
  const named = { models: new Set<string>(), hosts: new Set<string>() }
  for (const [name, value] of Object.entries(body)) if (LISTS.has(foldMember(name))) addNamed(value, named)
  const { models, hosts } = named
  if ([...models].some(({ length }) => length > MAX_MODEL))
    throw invalid(`a tool names a model by more than ${MAX_MODEL} characters`, 'tools')
  if (Math.max(models.size, hosts.size) > MOST)
    throw invalid(`the tools name more than ${MOST} models or hosts: write fewer`, 'tools')
  return { ...(models.size > 0 && { carried: [...models] }), ...(hosts.size > 0 && { called: [...hosts] }) }
}

interface Named {
  readonly models: Set<string>
  readonly hosts: Set<string>
}

function addNamed(root: Json | undefined, named: Named): void {
  const open: (Json | undefined)[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (Array.isArray(value)) for (const item of value) open.push(item)
    if (!isObject(value)) continue
    for (const [name, member] of Object.entries(value)) {
      const plain = foldMember(name)
      if (CALLERS_OWN.has(plain)) continue
      if (typeof member !== 'string') open.push(member)
      const texts = (Array.isArray(member) ? member : [member]).filter((text) => typeof text === 'string')
      if (MODELS.has(plain)) for (const model of texts) named.models.add(model)
      else if (isPlace(plain)) for (const host of texts.flatMap(hostsIn)) named.hosts.add(host)
    }
  }
}

function isPlace(name: string): boolean {
  return PLACES.has(name) || PLACE_ENDS.some((end) => name.endsWith(end))
}

/**
 * The hosts that somebody may read in an address: as browsers do, and where they see no web address or others stop later, as those do. What
 * nobody can read is a host that nobody knows.
 */
function hostsIn(address: string): readonly string[] {
  const text = address.trim()
  const colon = text.indexOf(':')
  const first = webHost(text)
  const readings = [
    first,
    ...(first === undefined ? [webHost(`https:${text}`), webHost(`https:${text.slice(colon + 1)}`)] : []),
    ...(text.includes('\\') ? [webHost(`https:${text.slice(text.lastIndexOf('@') + 1)}`)] : []),
  ].filter((host) => host !== undefined)
  return (readings.length > 0 ? readings : [text]).map((host) => host.slice(-LONGEST_HOST))
}

const WEB: ReadonlySet<string> = new Set(['http:', 'https:', 'ws:', 'wss:'])

function webHost(address: string): string | undefined {
  const url = URL.parse(address)
  if (!url || !WEB.has(url.protocol)) return undefined
  return unwrapped(url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname)
}
