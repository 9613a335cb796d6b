import { arrayAt, isObject, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { fieldOf, scanArray, scanObject, splice, type Replacement } from '#src/core/json-scan.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Quirks } from './definition.ts'
import { wireToolId } from './tool-ids.ts'

/** The request's text with messages as the vendor takes them; the very text where none needs a change. */
export function editMessages(request: ApiRequest, quirks: Quirks, warnings: string[]): string {
  const messages = arrayAt(request.body, 'messages')
  if (request.endpoint !== 'chat' || messages === undefined) return request.text
  const roles = quirks.developerRole === 'system' && messages.some(isDeveloper)
  const contents = quirks.contentNull === '""' && messages.some(hasNullContent)
  const ids = quirks.toolIds !== 'any' && messages.some((message) => hasOtherIds(message, quirks))
  if (!roles && !contents && !ids) return request.text
  if (roles) warnings.push('messages of role `developer` were sent as `system`')
  if (contents) warnings.push('messages whose `content` is null were sent with an empty one')
  if (ids) warnings.push('ids of tool calls were sent as others: the provider takes nine letters and digits')
  return splice(request.text, replacements(request.text, messages, { roles, contents, ids: ids ? quirks : undefined }))
}

interface Change {
  readonly roles: boolean
  readonly contents: boolean
  /** By these quirks; undefined: they stay. */
  readonly ids: Quirks | undefined
}

function replacements(text: string, messages: readonly Json[], change: Change): readonly Replacement[] {
  const array = fieldOf(scanObject(text), 'messages')
  const spans = array === undefined ? [] : scanArray(text, array.start)
  return spans.flatMap(({ start }, index) => {
    const message = messages[index]
    if (message === undefined || !isObject(message)) return []
    const fields = scanObject(text, start)
    const found: Replacement[] = change.ids ? [...idsIn({ text, start }, message, change.ids)] : []
    const role = change.roles && isDeveloper(message) ? fieldOf(fields, 'role') : undefined
    const content = change.contents && hasNullContent(message) ? fieldOf(fields, 'content') : undefined
    if (role !== undefined) found.push({ start: role.start, end: role.end, text: '"system"' })
    if (content !== undefined) found.push({ start: content.start, end: content.end, text: '""' })
    return found.toSorted((a, b) => a.start - b.start)
  })
}

/** An object in a text. */
interface Place {
  readonly text: string
  readonly start: number
}

/** The ids of a message's calls, or of the call that it is the result of, as the vendor takes them. */
function idsIn(place: Place, message: JsonObject, quirks: Quirks): readonly Replacement[] {
  const calls = arrayAt(message, 'tool_calls') ?? []
  const array = calls.length === 0 ? undefined : fieldOf(scanObject(place.text, place.start), 'tool_calls')
  const spans = array === undefined ? [] : scanArray(place.text, array.start)
  return [
    ...idAt(place, 'tool_call_id', { owner: message, quirks }),
    ...spans.flatMap(({ start }, at) => idAt({ text: place.text, start }, 'id', { owner: calls[at], quirks })),
  ]
}

function idAt(
  { text, start }: Place,
  name: string,
  { owner, quirks }: { readonly owner: Json | undefined; readonly quirks: Quirks },
): readonly Replacement[] {
  const id = stringAt(owner, name)
  const field = id === undefined ? undefined : fieldOf(scanObject(text, start), name)
  if (id === undefined || field === undefined) return []
  return [{ start: field.start, end: field.end, text: JSON.stringify(wireToolId(id, quirks)) }]
}

function hasOtherIds(message: Json, quirks: Quirks): boolean {
  const ids = [
    stringAt(message, 'tool_call_id'),
    ...(arrayAt(message, 'tool_calls') ?? []).map((call) => stringAt(call, 'id')),
  ]
  return ids.some((id) => id !== undefined && wireToolId(id, quirks) !== id)
}

function isDeveloper(message: Json): boolean {
  return isObject(message) && message['role'] === 'developer'
}

function hasNullContent(message: Json): boolean {
  return isObject(message) && message['content'] === null
}
