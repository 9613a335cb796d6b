import type { JsonObject } from '#src/core/json.ts'
import type { DocumentedField } from './documented-fields.ts'

/** Documented members at places, in company or with values that few callers write. */

const USER = { role: 'user', content: 'what is it?' }
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } }
const URL = 'data:image/png;base64,iVBORw0KGgo='

const CHAT_TOOL = { tools: [{ type: 'function', function: { name: 'look', parameters: SCHEMA } }] }
const called = (input: string): JsonObject => ({
  messages: [
    USER,
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: input } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: '21' },
  ],
  ...CHAT_TOOL,
})
const answered = (format: JsonObject): JsonObject => ({ response_format: { type: 'json_schema', json_schema: format } })

const TOOL = { tools: [{ type: 'function', name: 'look', parameters: SCHEMA, strict: false }] }
const spoken = (message: JsonObject): JsonObject => ({ input: [USER, message, USER] })
const BRIEF = { type: 'input_text', text: 'be brief' }

const system = (...parts: readonly JsonObject[]): JsonObject => ({
  systemInstruction: { parts: [{ text: 'be brief' }, ...parts] },
})

export const UNUSUAL = {
  chat: [
    { field: 'arguments', set: called('{"city":"서'), unset: called('{}') },
    {
      field: 'response_format',
      set: answered({ name: 'a', schema: SCHEMA, description: 'a place' }),
      unset: answered({ name: 'a', schema: SCHEMA }),
    },
    {
      field: 'tool_choice',
      set: { ...CHAT_TOOL, tool_choice: { type: 'function', function: { name: 'other' } } },
      unset: CHAT_TOOL,
    },
    { field: 'tool_choice', set: { tool_choice: 'required' } },
  ],
  responses: [
    { field: 'include', set: { include: ['web_search_call.action.sources'] } },
    { field: 'top_logprobs', set: { top_logprobs: 3 } },
    {
      field: 'user',
      set: { safety_identifier: 'user-1', user: 'user-2' },
      unset: { safety_identifier: 'user-1' },
    },
    {
      field: 'tool_choice',
      set: { ...TOOL, tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'web_search' }] } },
      unset: TOOL,
    },
    {
      field: 'phase',
      set: spoken({ role: 'assistant', phase: 'commentary', content: 'so' }),
      unset: spoken({ role: 'assistant', content: 'so' }),
    },
    {
      field: 'image',
      set: spoken({ role: 'developer', content: [BRIEF, { type: 'input_image', image_url: URL }] }),
      unset: spoken({ role: 'developer', content: [BRIEF] }),
    },
  ],
  geminiGenerate: [
    {
      field: 'systemInstruction',
      set: system({ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }),
      unset: system(),
    },
  ],
} as const satisfies Readonly<Record<string, readonly DocumentedField[]>>
