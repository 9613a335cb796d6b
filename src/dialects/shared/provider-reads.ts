import { isObject, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { foldMember } from '#src/core/member-name.ts'

/**
 * Members, folded, by which whoever answers reads what the request does not hold: what it searches for or asks servers of tools for, what the
 * caller has stored there.
 */
const MEMBERS: ReadonlySet<string> = new Set(
  'websearchoptions searchparameters plugins enablesearch mcpservers datasources cachedcontent conversation'.split(' '),
)

/** Tools that callers run themselves, by how their types begin: `bash_20250124`. */
const CALLERS = 'function custom bash text_editor computer memory local_shell apply_patch'.split(' ')
/** The same, folded, of tools without a type. */
const CALLERS_OWN: ReadonlySet<string> = new Set(['functiondeclarations', 'computeruse'])

/** How many of a request's tools and members put into the prompt what nobody can measure before. */
export function providerReads(body: JsonObject): number {
  const members = Object.keys(body).filter((name) => isSet(body[name]) && MEMBERS.has(foldMember(name)))
  // Of Responses it is one that is stored there; elsewhere a text.
  const prompts = isObject(body['prompt']) ? 1 : 0
  return members.length + prompts + toolsOf(body).filter(isProviders).length
}

/** The tools of a body; one object stands for a list of it, as Google has it. */
export function toolsOf({ tools }: JsonObject): readonly JsonObject[] {
  if (isObject(tools)) return [tools]
  return Array.isArray(tools) ? tools.filter(isObject) : []
}

/** Whether a member asks for something. */
export function isSet(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== false
}

/** Tools without a type are Anthropic's own kind, which has a name, or Google's, each member of which is one. */
function isProviders(tool: JsonObject): boolean {
  const type = stringAt(tool, 'type')?.toLowerCase()
  if (type !== undefined) return !CALLERS.some((own) => type === own || type.startsWith(`${own}_`))
  if ('name' in tool || 'function' in tool) return false
  return Object.keys(tool).some((name) => !CALLERS_OWN.has(foldMember(name)))
}
