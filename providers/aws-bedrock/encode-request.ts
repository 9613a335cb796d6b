import type { Account, Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { UpstreamAuth } from '#src/core/transport.ts'
import { describedSchema } from '#src/core/parts.ts'
import { schemaFor } from '#providers/anthropic/encode-schema.ts'
import { settingsOf } from './encode-settings.ts'
import { toolsOf } from './encode-tools.ts'
import { createWriting, messagesOf, systemOf } from './encode-turns.ts'
import { traitsOf } from './model-traits.ts'
import { SERVICE } from './wire.ts'

/** A conversation for Converse, or ConverseStream. */
export function encodeConverse({ conversation, model, account, stream }: EncodeConversation): Encoded {
  const { body, warnings } = converseBody(conversation, model)
  return {
    upstream: {
      method: 'POST',
      url: `${account.baseUrl}/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
      ...credentialsOf(account, stream ? 'application/vnd.amazon.eventstream' : 'application/json'),
      body: JSON.stringify(body),
    },
    warnings: [...warnings],
  }
}

/** Headers, and the signature that is to be made where there is no key. */
export function credentialsOf(
  { apiKey, headers, settings = {} }: Account,
  accept: string,
): { readonly headers: Readonly<Record<string, string>>; readonly auth?: UpstreamAuth } {
  const common = { 'content-type': 'application/json', accept }
  if (apiKey !== undefined && apiKey !== '') {
    return { headers: { ...common, authorization: `Bearer ${apiKey}`, ...headers } }
  }
  const { awsRegion = '', accessKeyId = '', secretAccessKey = '', sessionToken } = settings
  const secret = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  return {
    headers: { ...common, ...headers },
    auth: { kind: 'aws-sigv4', service: SERVICE, region: awsRegion, ...secret },
  }
}

function converseBody(conversation: Conversation, model: string): { body: JsonObject; warnings: ReadonlySet<string> } {
  const warnings = new Set<string>()
  const traits = traitsOf(model)
  const writing = createWriting(traits, warnings)
  const { turns, output } = conversation
  const begin = turns.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const front = begin < 0 ? turns : turns.slice(0, begin)
  const tools = toolsOf(conversation, writing)
  const settings = settingsOf(conversation, traits, warnings)
  const format = formatOf(output, traits.schema, warnings)
  const told = [format.told, tools.told].filter((text) => text !== undefined)
  const system = [...systemOf(front, writing), ...told.map((text) => ({ text }))]
  const fields = { ...settings.fields, ...tools.fields }
  const body = {
    messages: messagesOf(begin < 0 ? [] : turns.slice(begin), writing),
    ...(system.length > 0 && { system }),
    ...settings.body,
    ...(tools.toolConfig && { toolConfig: tools.toolConfig }),
    ...(format.outputConfig && { outputConfig: format.outputConfig }),
    ...(Object.keys(fields).length > 0 && { additionalModelRequestFields: fields }),
  }
  return { body, warnings }
}

const JSON_ONLY = 'Answer with one JSON object and nothing else: no code fence, no words around it.'

/** A schema in the place that the API has for it, or in words where the model has none. */
function formatOf(
  output: Conversation['output'],
  schemas: boolean,
  warnings: Set<string>,
): { readonly outputConfig?: JsonObject; readonly told?: string } {
  if (output === undefined) return {}
  const { value, param } = output
  if (value.kind === 'json') return { told: JSON_ONLY }
  if (!schemas) {
    warnings.add(`\`${param}\` was asked for in words: the model takes no schema`)
    return { told: `${JSON_ONLY} It must match this JSON Schema:\n${JSON.stringify(describedSchema(value))}` }
  }
  const { name, description } = value
  // The same grammar as behind Anthropic's own API, for models of all makers.
  const { schema, changed } = schemaFor(value.schema)
  if (changed) warnings.add(`the schema of \`${param}\` was changed: the provider knows fewer constraints`)
  const jsonSchema = {
    schema: JSON.stringify(schema),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  }
  return { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } }
}
