import type { Encode } from '#src/core/adapter.ts'
import { arrayAt, isObject, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { editJson, fieldOf, scanArray, scanObject, splice, type Edit } from '#src/core/json-scan.ts'
import type { Quirks } from './definition.ts'
import { wireToolId } from './tool-ids.ts'
import { REASONING_TEXT } from './wire.ts'

/** The request's text with messages as the vendor takes them; the very text where none needs a change. */
export function editMessages({ request, thoughts }: Encode, quirks: Quirks, warnings: string[]): string {
  const messages = arrayAt(request.body, 'messages')
  if (request.endpoint !== 'chat' || messages === undefined) return request.text
  if (!messages.some((message) => mayChange(message, quirks))) return request.text
  const said = new Set<string>()
  const changes = messages.map((message) =>
    isObject(message) ? changeOf(message, { quirks, said, thoughts }) : UNCHANGED,
  )
  if (changes.every(isNothing)) return request.text
  warnings.push(...said)
  return editElements(request.text, 'messages', changes)
}

/** A first look that costs nothing: most messages are as every vendor takes them. */
function mayChange(message: Json, quirks: Quirks): boolean {
  if (!isObject(message)) return false
  if (quirks.messageMembers.length > 0 || 'tool_calls' in message || 'tool_call_id' in message) return true
  return message['content'] === null || message['role'] === 'developer' || THOUGHTS.some((name) => name in message)
}

/** What becomes of an object in a list, and of those in a list of its own. */
interface Change {
  readonly edits: readonly Edit[]
  /** Of `tool_calls`, one each. */
  readonly calls: readonly Change[]
}

const UNCHANGED: Change = { edits: [], calls: [] }

function isNothing({ edits, calls }: Change): boolean {
  return edits.length === 0 && calls.every(isNothing)
}

/** The text with the objects of its member `name` changed. */
function editElements(text: string, name: string, changes: readonly Change[]): string {
  const array = fieldOf(scanObject(text), name)
  if (array === undefined) return text
  const changed = scanArray(text, array.start).flatMap(({ start, end }, index) => {
    const change = changes[index] ?? UNCHANGED
    return isNothing(change) ? [] : [{ start, end, text: edited(text.slice(start, end), change) }]
  })
  return splice(text, changed)
}

function edited(text: string, { edits, calls }: Change): string {
  return editJson(calls.every(isNothing) ? text : editElements(text, 'tool_calls', calls), edits)
}

/** By whom they are read, and what the caller is told. */
interface Room {
  readonly quirks: Quirks
  readonly said: Set<string>
  readonly thoughts: ReadonlyMap<string, string> | undefined
}

function changeOf(message: JsonObject, room: Room): Change {
  const edits = [
    ...formOf(message, room),
    ...thoughtsOf(message, room),
    ...strangersOf(message, room),
    ...idOf(message, 'tool_call_id', room),
  ]
  const calls = arrayAt(message, 'tool_calls')
  if (edits.length === 0 && calls === undefined) return UNCHANGED
  return { edits, calls: (calls ?? []).map((call) => callOf(call, room)) }
}

function formOf(message: JsonObject, { quirks, said }: Room): readonly Edit[] {
  const edits: Edit[] = []
  if (quirks.developerRole === 'system' && message['role'] === 'developer') {
    edits.push({ op: 'set', key: 'role', value: '"system"' })
    said.add('messages of role `developer` were sent as `system`')
  }
  if (quirks.contentNull === '""' && message['content'] === null) {
    edits.push({ op: 'set', key: 'content', value: '""' })
    said.add('messages whose `content` is null were sent with an empty one')
  }
  return edits
}

const DETAILS = 'reasoning_details'
const THOUGHTS: readonly string[] = [...REASONING_TEXT, DETAILS]

/** Thoughts of earlier turns under the name that the vendor has for them; what others have signed goes to nobody else. */
function thoughtsOf(message: JsonObject, { quirks, said, thoughts }: Room): readonly Edit[] {
  const { foreignMembers, replayReasoning: own } = quirks
  if (foreignMembers === 'sent') return []
  const edits: Edit[] = []
  const others = THOUGHTS.filter((name) => name !== own && name in message)
  const text = others.find((name) => name !== DETAILS && typeof message[name] === 'string')
  const lacking = own !== 'none' && own !== DETAILS && typeof message[own] !== 'string'
  const renamed = lacking ? text : undefined
  if (lacking && renamed === undefined) edits.push(...keptThought(message, own, thoughts))
  for (const name of others) {
    if (name === renamed) {
      edits.push({ op: 'rename', key: name, to: own })
      said.add(`\`${name}\` of messages was sent as \`${own}\``)
    } else if (name === DETAILS || foreignMembers === 'refused') edits.push(without(name, message, said))
  }
  return edits
}

/** The vendor's own thought before these calls, where the caller has lost it. */
function keptThought(message: JsonObject, own: string, thoughts: Room['thoughts']): readonly Edit[] {
  const ids = thoughts ? (arrayAt(message, 'tool_calls') ?? []).map((call) => stringAt(call, 'id') ?? '') : []
  const text = ids.map((id) => thoughts?.get(id)).find((one) => one !== undefined)
  return text === undefined ? [] : [{ op: 'set', key: own, value: JSON.stringify(text) }]
}

/** Members that a strict vendor refuses: answers of others come back with them. */
function strangersOf(message: JsonObject, { quirks, said }: Room): readonly Edit[] {
  const { messageMembers: known } = quirks
  if (known.length === 0) return []
  const strangers = Object.keys(message).filter((name) => !known.includes(name) && !THOUGHTS.includes(name))
  const { content, refusal } = message
  // A turn with nothing in it would be refused as well.
  const alone = strangers.includes('refusal') && typeof refusal === 'string' && (content ?? null) === null
  if (!alone) return strangers.map((name) => without(name, message, said))
  said.add('a `refusal` of messages was sent as their content')
  const others = strangers.filter((name) => name !== 'refusal').map((name) => without(name, message, said))
  return [...others, { op: 'remove', key: 'refusal' }, { op: 'set', key: 'content', value: JSON.stringify(refusal) }]
}

/** What says nothing is left out in silence. */
function without(name: string, message: JsonObject, said: Set<string>): Edit {
  const value = message[name]
  const empty = value === null || value === '' || (Array.isArray(value) && value.length === 0)
  if (!empty) said.add(`\`${name}\` of messages was not sent: the provider does not take it`)
  return { op: 'remove', key: name }
}

function callOf(call: Json, room: Room): Change {
  if (!isObject(call)) return UNCHANGED
  const { quirks, said } = room
  const edits = [...idOf(call, 'id', room)]
  if (quirks.foreignMembers !== 'sent' && 'extra_content' in call) {
    edits.push({ op: 'remove', key: 'extra_content' })
    said.add('signatures of reasoning were not sent: only the provider that made them understands them')
  }
  return edits.length === 0 ? UNCHANGED : { edits, calls: [] }
}

function idOf(owner: JsonObject, key: string, { quirks, said }: Room): readonly Edit[] {
  if (quirks.toolIds === 'any') return []
  const id = stringAt(owner, key)
  const wire = id === undefined ? id : wireToolId(id, quirks)
  if (wire === id) return []
  said.add('ids of tool calls were sent as others: the provider takes nine letters and digits')
  return [{ op: 'set', key, value: JSON.stringify(wire) }]
}
