import { arrayAt, isObject, type Json } from '#src/core/json.ts'
import { fieldOf, scanArray, scanObject, splice, type Replacement } from '#src/core/json-scan.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Quirks } from './definition.ts'

/** The request's text with messages as the vendor takes them; the very text where none needs a change. */
export function editMessages(request: ApiRequest, quirks: Quirks, warnings: string[]): string {
  const messages = arrayAt(request.body, 'messages')
  if (request.endpoint !== 'chat' || messages === undefined) return request.text
  const roles = quirks.developerRole === 'system' && messages.some(isDeveloper)
  const contents = quirks.contentNull === '""' && messages.some(hasNullContent)
  if (!roles && !contents) return request.text
  if (roles) warnings.push('messages of role `developer` were sent as `system`')
  if (contents) warnings.push('messages whose `content` is null were sent with an empty one')
  return splice(request.text, replacements(request.text, messages, { roles, contents }))
}

function replacements(
  text: string,
  messages: readonly Json[],
  change: { readonly roles: boolean; readonly contents: boolean },
): readonly Replacement[] {
  const array = fieldOf(scanObject(text), 'messages')
  const spans = array === undefined ? [] : scanArray(text, array.start)
  return spans.flatMap(({ start }, index) => {
    const message = messages[index]
    const found: Replacement[] = []
    if (message === undefined || !isObject(message)) return found
    const fields = scanObject(text, start)
    const role = change.roles && isDeveloper(message) ? fieldOf(fields, 'role') : undefined
    const content = change.contents && hasNullContent(message) ? fieldOf(fields, 'content') : undefined
    if (role !== undefined) found.push({ start: role.start, end: role.end, text: '"system"' })
    if (content !== undefined) found.push({ start: content.start, end: content.end, text: '""' })
    return found.toSorted((a, b) => a.start - b.start)
  })
}

function isDeveloper(message: Json): boolean {
  return isObject(message) && message['role'] === 'developer'
}

function hasNullContent(message: Json): boolean {
  return isObject(message) && message['content'] === null
}
