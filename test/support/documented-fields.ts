import type { Json, JsonObject } from '#src/core/json.ts'
import { UNUSUAL } from './unusual-fields.ts'

/**
 * Every documented field of the chat dialects, each with a value that means something, and nested ones with their path. A field that the
 * documents have and this list lacks fails a test: it must be said what becomes of it (law 8).
 */
export interface DocumentedField {
  /** Its name as a caller would look for it; what a warning or a 400 names begins like it. */
  readonly field: string
  /** Members of the request that set it. */
  readonly set: JsonObject
  /** The same request without it, where it stands inside another member. */
  readonly unset?: JsonObject
}

const TEXT = 'what is it?'
const URL = 'https://files.test/a.png'
const DATA = 'data:image/png;base64,iVBORw0KGgo='
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const USER = { role: 'user', content: TEXT }

const own = (field: string, value: Json): DocumentedField => ({ field, set: { [field]: value } })
const inside = (field: string, set: JsonObject, unset: JsonObject): DocumentedField => ({ field, set, unset })

const CALL = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"city":"서울"}' } }
const chatTurn = (message: JsonObject): JsonObject => ({ messages: [USER, message, USER] })
const chatPart = (part: JsonObject): JsonObject => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: TEXT }, part] }],
})
const chatParts = (field: string, part: JsonObject, without: JsonObject): DocumentedField =>
  inside(field, chatPart(part), chatPart(without))
const chatTool = (more: JsonObject): JsonObject => ({
  tools: [{ type: 'function', function: { name: 'look', parameters: SCHEMA, ...more } }],
})
const TOOL = chatTool({})

export const CHAT: readonly DocumentedField[] = [
  own('audio', { voice: 'alloy', format: 'mp3' }),
  own('frequency_penalty', 0.5),
  inside(
    'function_call',
    { functions: [{ name: 'look', parameters: SCHEMA }], function_call: { name: 'look' } },
    { functions: [{ name: 'look', parameters: SCHEMA }] },
  ),
  own('functions', [{ name: 'look', parameters: SCHEMA }]),
  own('logit_bias', { '50256': -100 }),
  own('logprobs', true),
  inside('top_logprobs', { logprobs: true, top_logprobs: 3 }, { logprobs: true }),
  own('max_completion_tokens', 77),
  own('max_tokens', 77),
  own('metadata', { team: 'a' }),
  own('modalities', ['text', 'audio']),
  own('moderation', { model: 'omni' }),
  own('n', 2),
  inside('parallel_tool_calls', { ...TOOL, parallel_tool_calls: false }, TOOL),
  own('prediction', { type: 'content', content: 'x' }),
  own('presence_penalty', 0.5),
  own('prompt_cache_key', 'key'),
  own('prompt_cache_options', { mode: 'explicit' }),
  own('prompt_cache_retention', '24h'),
  own('reasoning_effort', 'high'),
  own('response_format', { type: 'json_schema', json_schema: { name: 'a', schema: SCHEMA } }),
  inside('response_format', { response_format: { type: 'json_object' } }, {}),
  own('safety_identifier', 'user-1'),
  own('seed', 7),
  own('service_tier', 'flex'),
  own('stop', ['END']),
  own('store', true),
  own('temperature', 0.3),
  inside('tool_choice', { ...TOOL, tool_choice: 'required' }, TOOL),
  inside('tool_choice', { ...TOOL, tool_choice: 'none' }, TOOL),
  inside('tool_choice', { ...TOOL, tool_choice: { type: 'function', function: { name: 'look' } } }, TOOL),
  own('tools', TOOL['tools'] ?? null),
  inside('strict', chatTool({ strict: true }), TOOL),
  inside('description', chatTool({ description: 'looks' }), TOOL),
  own('top_p', 0.9),
  own('user', 'user-1'),
  own('verbosity', 'low'),
  own('web_search_options', { search_context_size: 'low' }),
  inside('name', { messages: [{ ...USER, name: 'kim' }] }, { messages: [USER] }),
  inside('messages', { messages: [{ role: 'developer', content: 'be brief' }, USER] }, { messages: [USER] }),
  inside('messages', { messages: [USER, { role: 'system', content: 'be brief' }, USER] }, { messages: [USER, USER] }),
  chatParts('image', { type: 'image_url', image_url: { url: DATA } }, { type: 'text', text: '' }),
  chatParts('image', { type: 'image_url', image_url: { url: URL } }, { type: 'text', text: '' }),
  chatParts(
    'detail',
    { type: 'image_url', image_url: { url: DATA, detail: 'low' } },
    { type: 'image_url', image_url: { url: DATA } },
  ),
  chatParts('audio', { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }, { type: 'text', text: '' }),
  chatParts(
    'document',
    { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf' } },
    { type: 'text', text: '' },
  ),
  chatParts('document', { type: 'file', file: { file_id: 'file-1' } }, { type: 'text', text: '' }),
  inside(
    'refusal',
    chatTurn({ role: 'assistant', refusal: 'no', content: null }),
    chatTurn({ role: 'assistant', content: '' }),
  ),
  inside(
    'tool_calls',
    {
      messages: [
        USER,
        { role: 'assistant', content: null, tool_calls: [CALL] },
        { role: 'tool', tool_call_id: 'call_1', content: '21' },
      ],
      ...TOOL,
    },
    { messages: [USER], ...TOOL },
  ),
]

const ITEM = { type: 'message', role: 'user', content: [{ type: 'input_text', text: TEXT }] }
const items = (...more: readonly JsonObject[]): JsonObject => ({ input: [ITEM, ...more] })
const RESPONSE_TOOL = { tools: [{ type: 'function', name: 'look', parameters: SCHEMA, strict: false }] }

export const RESPONSES: readonly DocumentedField[] = [
  own('background', true),
  own('context_management', [{ type: 'compaction' }]),
  own('conversation', 'conv_1'),
  inside('include', { include: ['message.output_text.logprobs'] }, {}),
  own('instructions', 'be brief'),
  own('max_output_tokens', 77),
  own('max_tool_calls', 3),
  own('metadata', { team: 'a' }),
  own('moderation', { model: 'omni' }),
  inside('parallel_tool_calls', { ...RESPONSE_TOOL, parallel_tool_calls: false }, RESPONSE_TOOL),
  own('previous_response_id', 'resp_1'),
  own('prompt', { id: 'pmpt_1' }),
  own('prompt_cache_key', 'key'),
  own('prompt_cache_options', { mode: 'explicit' }),
  own('prompt_cache_retention', '24h'),
  own('reasoning', { effort: 'high' }),
  inside('reasoning', { reasoning: { effort: 'high', summary: 'auto' } }, { reasoning: { effort: 'high' } }),
  own('safety_identifier', 'user-1'),
  own('service_tier', 'flex'),
  own('temperature', 0.3),
  own('text', { format: { type: 'json_schema', name: 'a', schema: SCHEMA } }),
  inside('text', { text: { verbosity: 'low' } }, {}),
  inside('tool_choice', { ...RESPONSE_TOOL, tool_choice: 'required' }, RESPONSE_TOOL),
  own('tools', RESPONSE_TOOL.tools),
  inside('tools', { tools: [{ type: 'custom', name: 'run' }] }, {}),
  inside('tools', { tools: [{ type: 'web_search' }] }, {}),
  inside('tools', { tools: [{ type: 'mcp', server_label: 'a', server_url: URL }] }, {}),
  inside(
    'top_logprobs',
    { include: ['message.output_text.logprobs'], top_logprobs: 3 },
    { include: ['message.output_text.logprobs'] },
  ),
  own('top_p', 0.9),
  own('truncation', 'auto'),
  own('user', 'user-1'),
  inside(
    'image',
    items({ type: 'message', role: 'user', content: [{ type: 'input_image', image_url: DATA }] }),
    items(),
  ),
  inside(
    'document',
    items({ type: 'message', role: 'user', content: [{ type: 'input_file', file_url: URL }] }),
    items(),
  ),
  inside(
    'tool_calls',
    items(
      { type: 'function_call', call_id: 'c', name: 'look', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: '21' },
    ),
    items(),
  ),
  inside(
    'reasoning',
    items(
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'abc' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'so' }] },
    ),
    items({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'so' }] }),
  ),
]

const blocks = (...content: readonly JsonObject[]): JsonObject => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: TEXT }, ...content] }],
})
const said = (...content: readonly JsonObject[]): JsonObject => ({
  messages: [USER, { role: 'assistant', content }, USER],
})
const MESSAGE_TOOL = { tools: [{ name: 'look', input_schema: SCHEMA }] }
const SOURCE = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' }

export const MESSAGES: readonly DocumentedField[] = [
  inside('max_tokens', { max_tokens: 77 }, { max_tokens: 78 }),
  own('cache_control', { type: 'ephemeral' }),
  own('container', 'c_1'),
  own('diagnostics', { a: 1 }),
  own('inference_geo', 'us'),
  own('metadata', { user_id: 'user-1' }),
  own('output_config', { effort: 'high' }),
  inside('output_config', { output_config: { format: { type: 'json_schema', schema: SCHEMA } } }, {}),
  own('service_tier', 'standard_only'),
  own('speed', 'fast'),
  own('stop_sequences', ['END']),
  own('system', 'be brief'),
  own('thinking', { type: 'enabled', budget_tokens: 2048 }),
  inside('thinking', { thinking: { type: 'adaptive' } }, {}),
  inside('tool_choice', { ...MESSAGE_TOOL, tool_choice: { type: 'any' } }, MESSAGE_TOOL),
  inside(
    'tool_choice',
    { ...MESSAGE_TOOL, tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    MESSAGE_TOOL,
  ),
  own('tools', MESSAGE_TOOL.tools),
  inside('tools', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, {}),
  inside('strict', { tools: [{ name: 'look', input_schema: SCHEMA, strict: true }] }, MESSAGE_TOOL),
  own('user_profile_id', 'p_1'),
  own('workspace_id', 'w_1'),
  own('mcp_servers', [{ type: 'url', url: URL, name: 'a' }]),
  own('temperature', 0.3),
  own('top_p', 0.9),
  own('top_k', 40),
  inside('image', blocks({ type: 'image', source: SOURCE }), blocks()),
  inside('image', blocks({ type: 'image', source: { type: 'url', url: URL } }), blocks()),
  inside(
    'document',
    blocks({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a page' } }),
    blocks(),
  ),
  inside(
    'title',
    blocks({
      type: 'document',
      title: 'paper',
      source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
    }),
    blocks({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } }),
  ),
  inside(
    'cache_control',
    { messages: [{ role: 'user', content: [{ type: 'text', text: TEXT, cache_control: { type: 'ephemeral' } }] }] },
    blocks(),
  ),
  inside(
    'tool_calls',
    {
      messages: [
        USER,
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: '21' }] },
      ],
      ...MESSAGE_TOOL,
    },
    { messages: [USER], ...MESSAGE_TOOL },
  ),
  inside(
    'is_error',
    {
      messages: [
        USER,
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x', is_error: true }] },
      ],
      ...MESSAGE_TOOL,
    },
    {
      messages: [
        USER,
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
      ],
      ...MESSAGE_TOOL,
    },
  ),
  inside(
    'reasoning',
    said({ type: 'thinking', thinking: 'hm', signature: 'sig' }, { type: 'text', text: 'so' }),
    said({ type: 'text', text: 'so' }),
  ),
  inside(
    'citations',
    said({
      type: 'text',
      text: 'so',
      citations: [
        {
          type: 'char_location',
          cited_text: 'x',
          document_index: 0,
          document_title: 'a',
          start_char_index: 0,
          end_char_index: 1,
        },
      ],
    }),
    said({ type: 'text', text: 'so' }),
  ),
  inside(
    'server_tool_use',
    said({ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }, { type: 'text', text: 'so' }),
    said({ type: 'text', text: 'so' }),
  ),
]

const config = (name: string, value: Json, more: JsonObject = {}): DocumentedField =>
  inside(
    `generationConfig.${name}`,
    { generationConfig: { ...more, [name]: value } },
    Object.keys(more).length > 0 ? { generationConfig: more } : {},
  )
const GEMINI_TOOL = {
  tools: [
    {
      functionDeclarations: [
        { name: 'look', parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } } } },
      ],
    },
  ],
}
const gemini = (...parts: readonly JsonObject[]): JsonObject => ({
  contents: [{ role: 'user', parts: [{ text: TEXT }, ...parts] }],
})

export const GEMINI: readonly DocumentedField[] = [
  own('systemInstruction', { parts: [{ text: 'be brief' }] }),
  own('cachedContent', 'cachedContents/1'),
  own('safetySettings', [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }]),
  own('labels', { team: 'a' }),
  own('tools', GEMINI_TOOL.tools),
  inside('tools', { tools: [{ googleSearch: {} }] }, {}),
  inside('toolConfig', { ...GEMINI_TOOL, toolConfig: { functionCallingConfig: { mode: 'ANY' } } }, GEMINI_TOOL),
  config('temperature', 0.3),
  config('topP', 0.9),
  config('topK', 40),
  config('candidateCount', 2),
  config('maxOutputTokens', 77),
  config('stopSequences', ['END']),
  config('responseLogprobs', true),
  config('logprobs', 3, { responseLogprobs: true }),
  config('presencePenalty', 0.5),
  config('frequencyPenalty', 0.5),
  config('seed', 7),
  config('responseMimeType', 'application/json'),
  config(
    'responseSchema',
    { type: 'OBJECT', properties: { city: { type: 'STRING' } } },
    { responseMimeType: 'application/json' },
  ),
  config('responseJsonSchema', SCHEMA, { responseMimeType: 'application/json' }),
  config('responseModalities', ['TEXT', 'IMAGE']),
  config('mediaResolution', 'MEDIA_RESOLUTION_LOW'),
  config('speechConfig', { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } }),
  config('audioTimestamp', true),
  config('thinkingConfig', { thinkingBudget: 2048 }),
  config('routingConfig', { autoMode: {} }),
  config('modelSelectionConfig', { featureSelectionPreference: 'PRIORITIZE_COST' }),
  config('imageConfig', { aspectRatio: '1:1' }),
  config('enableAffectiveDialog', true),
  inside('image', gemini({ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }), gemini()),
  inside('video', gemini({ fileData: { mimeType: 'video/mp4', fileUri: 'https://files.test/a.mp4' } }), gemini()),
  inside(
    'tool_calls',
    {
      contents: [
        { role: 'user', parts: [{ text: TEXT }] },
        { role: 'model', parts: [{ functionCall: { name: 'look', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'look', response: { output: '21' } } }] },
      ],
      ...GEMINI_TOOL,
    },
    { contents: [{ role: 'user', parts: [{ text: TEXT }] }], ...GEMINI_TOOL },
  ),
]

/** The least request of each dialect, and where tutti listens for it. */
export const LEAST = {
  chat: { path: '/v1/chat/completions', body: { model: 'm', messages: [USER] } },
  responses: { path: '/v1/responses', body: { model: 'm', input: [ITEM] } },
  messages: { path: '/v1/messages', body: { model: 'm', max_tokens: 1000, messages: [USER] } },
  geminiGenerate: {
    path: '/v1beta/models/m:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: TEXT }] }] },
  },
} as const satisfies Readonly<Record<string, { readonly path: string; readonly body: JsonObject }>>

export const FIELDS = {
  chat: [...CHAT, ...UNUSUAL.chat],
  responses: [...RESPONSES, ...UNUSUAL.responses],
  messages: MESSAGES,
  geminiGenerate: [...GEMINI, ...UNUSUAL.geminiGenerate],
} as const

/** Members that are tutti's own: they say who answers and how, and reach no upstream as they are. */
export const TUTTIS: Readonly<Record<keyof typeof FIELDS, readonly string[]>> = {
  chat: ['model', 'messages', 'stream', 'stream_options'],
  responses: ['model', 'input', 'stream', 'stream_options', 'store'],
  messages: ['model', 'messages', 'stream'],
  geminiGenerate: ['contents'],
}
