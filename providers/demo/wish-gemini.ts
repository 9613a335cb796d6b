import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { Wish, WishedTool } from './surface.ts'
import { hasResult, promptOf } from './wish-messages.ts'

/** What a request to generate wants. Names come with humps and with underscores. */
export function wishOfGemini(body: JsonObject): Wish {
  const config = configOf(body)
  const calling = member(member(body, 'toolConfig', 'tool_config'), 'functionCallingConfig', 'function_calling_config')
  const mode = stringAt(calling, 'mode')
  const allowed = member(calling, 'allowedFunctionNames', 'allowed_function_names')
  const [only] = arrayAt({ allowed }, 'allowed') ?? []
  return {
    tools: (arrayAt(body, 'tools') ?? []).flatMap(functionsOf),
    mayCall: mode !== 'NONE' && !hasResult(body, 'parts'),
    tool: mode === 'ANY' && typeof only === 'string' ? only : undefined,
    format: formatOf(config),
    limit: numberAt({ limit: member(config, 'maxOutputTokens', 'max_output_tokens') }, 'limit'),
    choices: Math.max(1, Math.trunc(numberAt({ n: member(config, 'candidateCount', 'candidate_count') }, 'n') ?? 1)),
    prompt: promptOf(body, ['systemInstruction', 'system_instruction', 'tools', 'contents']),
  }
}

/** How a request wants its answer made. */
export function configOf(body: JsonObject): JsonObject {
  const config = member(body, 'generationConfig', 'generation_config')
  return isObject(config) ? config : {}
}

/** A member by either of its names. */
export function member(owner: Json | undefined, name: string, other: string): Json | undefined {
  return isObject(owner) ? (owner[name] ?? owner[other]) : undefined
}

function functionsOf(tool: Json): readonly WishedTool[] {
  const declared = member(tool, 'functionDeclarations', 'function_declarations')
  return (arrayAt({ declared }, 'declared') ?? []).filter(isObject).map((own) => ({
    name: stringAt(own, 'name') ?? '',
    parameters: objectAt(own, 'parameters') ?? member(own, 'parametersJsonSchema', 'parameters_json_schema'),
  }))
}

function formatOf(config: JsonObject): Wish['format'] {
  const schema =
    member(config, 'responseSchema', 'response_schema') ?? member(config, 'responseJsonSchema', 'response_json_schema')
  if (schema !== undefined) return { schema }
  return member(config, 'responseMimeType', 'response_mime_type') === 'application/json' ? 'json' : undefined
}
