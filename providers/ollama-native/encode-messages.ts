import type { MediaPart, Part, ToolCallPart, Turn } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { documentText, GAP, inputObject, namedResults, thoughtOf, wordsOf } from '#src/core/parts.ts'

/** The turns of a conversation as Ollama's messages: text is one string, images stand beside it. */
export function messagesOf(turns: readonly Turn[], warnings: string[]): readonly JsonObject[] {
  if (turns.some(({ role }) => role === 'developer'))
    warnings.push('messages of role `developer` were sent as `system`')
  return namedResults(turns).flatMap(({ role, parts }): readonly JsonObject[] => {
    switch (role) {
      case 'assistant':
        return [assistantOf(parts)]
      case 'tool':
        return resultsOf(parts, warnings)
      case 'user':
        return [{ role, content: textOf(parts), ...imagesOf(parts) }]
      default:
        return [{ role: 'system', content: textOf(parts) }]
    }
  })
}

function textOf(parts: readonly Part[]): string {
  return parts
    .flatMap((part) => (part.type === 'text' ? [part.text] : isWritten(part) ? [documentOf(part)] : []))
    .join(GAP)
}

function isWritten(part: Part): part is MediaPart {
  return part.type === 'document' && part.source.kind === 'text'
}

function documentOf(part: MediaPart): string {
  return documentText(part)
}

/** Base64 without its media type. */
function imagesOf(parts: readonly Part[]): JsonObject {
  const images = parts.flatMap((part) =>
    part.type === 'image' && part.source.kind === 'data' ? [part.source.data] : [],
  )
  return images.length === 0 ? {} : { images }
}

function assistantOf(parts: readonly Part[]): JsonObject {
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [callOf(part)] : []))
  const thinking = parts.map((part) => (part.type === 'reasoning' ? thoughtOf(part) : '')).join('')
  return {
    role: 'assistant',
    content: wordsOf(parts),
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

/** Arguments are an object here. Older versions do not know the id. */
function callOf(call: ToolCallPart): JsonObject {
  return { id: call.id, function: { name: call.name, arguments: inputObject(call) } }
}

/** A message for each result, by the tool's name and by the call's id; images follow as the user's. */
function resultsOf(parts: readonly Part[], warnings: string[]): readonly JsonObject[] {
  const results = parts.flatMap((part) => (part.type === 'tool-result' ? [part] : []))
  if (results.some((result) => result.parts.some(isLost)))
    warnings.push('a file in the result of a tool was not sent: the provider takes text and images as base64 there')
  const messages = results.map(({ id, name, parts: told, failed }) => ({
    role: 'tool',
    content: (failed === true ? 'Error: ' : '') + textOf(told),
    ...(name !== undefined && { tool_name: name }),
    tool_call_id: id,
  }))
  const seen = imagesOf(results.flatMap((result) => result.parts))
  return 'images' in seen ? [...messages, { role: 'user', content: '', ...seen }] : messages
}

function isLost(part: Part): boolean {
  if (part.type === 'image') return part.source.kind !== 'data'
  return 'source' in part && !isWritten(part)
}
