import type { Conversation, OutputFormat, Setting, Turn } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { describedSchema } from '#src/core/parts.ts'
import type { Quirks } from './definition.ts'
import { fitsStrict } from './strict-schema.ts'

/** What is asked of the form of the answer: a member of the body, and words where the member is not enough. */
export interface Format {
  readonly instruction: readonly Turn[]
  readonly responseFormat: JsonObject
}

const PLAIN: Format = { instruction: [], responseFormat: {} }
const JSON_OBJECT: JsonObject = { response_format: { type: 'json_object' } }

/** `response_format`. Where only `json_object` is known, the schema is asked for in words. */
export function formatOf({ output, turns }: Conversation, { jsonSchema }: Quirks, warnings: string[]): Format {
  if (!output) return PLAIN
  const { value, param } = output
  if (value.kind === 'json') return jsonObject(turns, param, warnings)
  if (jsonSchema === 'emulated') {
    warnings.push(`the schema of \`${param}\` was asked for in words: the provider knows \`json_object\` alone`)
    const wanted = `Answer with one JSON object that fits this JSON Schema, and nothing else: ${JSON.stringify(describedSchema(value))}`
    return { instruction: [told(wanted)], responseFormat: JSON_OBJECT }
  }
  const format = { ...value, ...strictOf(output, warnings) }
  return {
    instruction: [],
    responseFormat: { response_format: { type: 'json_schema', json_schema: schemaOf(format, jsonSchema) } },
  }
}

/** A schema that strictness would have refused is sent without it. */
export function strictOf({ value, param }: Setting<OutputFormat>, warnings: string[]): { readonly strict?: boolean } {
  if (value.kind === 'json' || value.strict !== true || fitsStrict(value.schema)) return {}
  warnings.push(`\`${param}\` was sent without \`strict\`, which wants every property demanded`)
  return { strict: false }
}

/** It is refused where nobody has spoken of JSON, which other dialects do not ask for. */
function jsonObject(turns: readonly Turn[], param: string, warnings: string[]): Format {
  if (turns.some(speaksOfJson)) return { instruction: [], responseFormat: JSON_OBJECT }
  warnings.push(`a message that asks for JSON was added: \`${param}\` demands one`)
  return { instruction: [told('Answer with one JSON object, and nothing else.')], responseFormat: JSON_OBJECT }
}

function speaksOfJson({ parts }: Turn): boolean {
  return parts.some((part) => part.type === 'text' && part.text.toLowerCase().includes('json'))
}

function told(text: string): Turn {
  return { role: 'system', parts: [{ type: 'text', text }] }
}

function schemaOf(format: Extract<OutputFormat, { readonly kind: 'schema' }>, form: Quirks['jsonSchema']): JsonObject {
  if (form === 'bare') return describedSchema(format)
  const { name = 'answer', description, schema, strict } = format
  return { name, schema, ...(description !== undefined && { description }), ...(strict !== undefined && { strict }) }
}
