import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { jsonText } from '#src/core/parts.ts'
import type { Served } from '#src/core/served.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import { REASONING_TEXT } from './wire.ts'

/** The text of a `content`: a string, a list of parts, an object that stands where text does. */
export function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map((part: Json) => partText(part, 'text')).join('')
  return isObject(content) && Object.keys(content).length > 0 ? jsonText(content) : ''
}

/** What a message or a delta thinks: the first name that carries any, else parts of its content, else OpenRouter's details. */
export function reasoningOf(message: JsonObject): string {
  for (const name of REASONING_TEXT) {
    const text = textOf(message[name])
    if (text !== '') return text
  }
  const content = message['content']
  if (Array.isArray(content)) return content.map((part: Json) => thinkingText(part)).join('')
  const details = message['reasoning_details']
  if (!Array.isArray(details)) return ''
  return details.map((part: Json) => stringAt(part, 'text') ?? stringAt(part, 'summary') ?? '').join('')
}

/** Whom an upstream asked that sends requests on, where it says so: OpenRouter's `provider`, what Vercel's gateway hangs on a message. */
export function operatorOf(value: JsonObject): string | undefined {
  return stringAt(value, 'provider') ?? stringAt(routingOf(value), 'finalProvider')
}

/** Which model says that it answers: of several that Vercel's gateway tried, the one that did. */
export function modelOf(value: JsonObject): string | undefined {
  const answered = arrayAt(routingOf(value), 'modelAttempts')?.find((one) => isObject(one) && one['success'] === true)
  const model = stringAt(answered, 'canonicalSlug') ?? stringAt(value, 'model')
  return model === '' ? undefined : model
}

/** In a stream it comes with the last delta. */
function routingOf(value: JsonObject): JsonObject | undefined {
  const choice = arrayAt(value, 'choices')?.[0]
  const metadata = objectAt(objectAt(choice, 'message') ?? objectAt(choice, 'delta'), 'provider_metadata')
  return objectAt(objectAt(metadata, 'gateway'), 'routing')
}

/** Another tutti says in its head which of its targets answers: `provider/model`. */
export function servedBy({ headers }: UpstreamHead): Served | undefined {
  const target = headers['x-tutti-target']
  return target === undefined ? undefined : { model: target.slice(target.indexOf('/') + 1) }
}

function partText(part: Json, name: string): string {
  return typeof part === 'string' ? part : (stringAt(part, name) ?? '')
}

/** Mistral's thoughts are a part that holds parts. */
function thinkingText(part: Json): string {
  if (!isObject(part)) return ''
  const thinking = part['thinking']
  return typeof thinking === 'string' ? thinking : Array.isArray(thinking) ? textOf(thinking) : ''
}
