// Law 8. No field is lost in silence: every field of every dialect is carried, emulated, refused with 400, or named in `x-tutti-warnings`; null stays null, absent stays absent.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isObject, objectAt, parseJson, type JsonObject } from '#src/core/json.ts'
import { adapters } from '#providers/registry.ts'
import { FIELDS, TUTTIS } from '../support/documented-fields.ts'
import { reached } from '../support/law.ts'
import { corpusAbsent, SHARED } from '../support/require.ts'
import { fateOf, type Inbound } from '../support/totality.ts'

const inbounds = Object.keys(FIELDS).filter((name): name is Inbound => name in FIELDS)

/** Each form of each vendor, once with a name that says nothing and once with one that thinks. */
const spoken = [...adapters.values()].flatMap((adapter) =>
  (adapter.codecs ?? []).flatMap((codec) =>
    ['some-model', 'gpt-6-luna'].map((model) => ({ name: `${adapter.type}, ${codec.wire}, ${model}`, codec, model })),
  ),
)

test('there are forms to try', () => {
  expect(new Set(spoken.map(({ codec }) => codec.wire)).size).toBeGreaterThanOrEqual(5)
})

describe.for(inbounds)('%s', (inbound) => {
  test.for(spoken)('to $name', (target) => {
    const lost = FIELDS[inbound].filter((field) => fateOf(inbound, field, target) === 'lost')
    expect(lost.map(({ field, set }) => `${field}: ${JSON.stringify(set)}`)).toEqual([])
    reached(FIELDS[inbound].length)
  })
})

const SPEC = [
  ['chat', 'CreateChatCompletionRequest'],
  ['responses', 'CreateResponse'],
] as const

describe.skipIf(corpusAbsent())('the documents (skipped where ../shared is absent)', () => {
  test.for(SPEC)('%s: the list has every field of %s', ([inbound, schema]) => {
    const listed = new Set([...FIELDS[inbound].flatMap(({ set }) => Object.keys(set)), ...TUTTIS[inbound]])
    expect(propertiesOf(schema).filter((name) => !listed.has(name))).toEqual([])
  })
})

/** The names of a schema's members, those of the schemas that it is made of included. */
function propertiesOf(name: string): readonly string[] {
  const schema = schemas()[name]
  const own = Object.keys(objectAt(schema, 'properties') ?? {})
  const more = isObject(schema) && Array.isArray(schema['allOf']) ? schema['allOf'] : []
  return [
    ...own,
    ...more.flatMap((part: JsonObject) => {
      const reference = part['$ref']
      return typeof reference === 'string'
        ? propertiesOf(reference.slice(reference.lastIndexOf('/') + 1))
        : Object.keys(objectAt(part, 'properties') ?? {})
    }),
  ]
}

function schemas(): JsonObject {
  const document = parseJson(readFileSync(join(SHARED, 'spec/openai-openapi.json'), 'utf8'))
  return objectAt(objectAt(document, 'components'), 'schemas') ?? {}
}

/** The forms that the page shows: each once, as its own vendor speaks it. */
const SHOWN = [
  ['openai', 'openai-chat'],
  ['openai', 'openai-responses'],
  ['mistral', 'openai-chat'],
  ['anthropic', 'anthropic-messages'],
  ['gemini', 'gemini'],
  ['aws-bedrock', 'bedrock-converse'],
  ['cohere', 'cohere-chat'],
  ['hyperclova-x-native', undefined],
  ['ollama-native', undefined],
  ['workers-ai-native', undefined],
] as const

test('docs/totality.md shows what becomes of every field, as it is', async () => {
  await expect(totalityPage()).toMatchFileSnapshot('../../docs/totality.md')
})

function totalityPage(): string {
  const forms = SHOWN.flatMap(([type, wire]) => {
    const codec = adapters.get(type)?.codecs?.find((one) => wire === undefined || one.wire === wire)
    return codec
      ? [{ title: wire === 'openai-responses' ? `${type}, Responses` : type, codec, model: 'some-model' }]
      : []
  })
  const head = `| field | ${forms.map(({ title }) => title).join(' | ')} |\n|---|${forms.map(() => '---').join('|')}|`
  const tables = inbounds.map((inbound) => {
    const rows = FIELDS[inbound].map(
      (field) =>
        `| \`${field.field}\` ${valueOf(field.set)} | ${forms.map((form) => MARKS[fateOf(inbound, field, form)]).join(' | ')} |`,
    )
    return `## ${TITLES[inbound]}\n\n${head}\n${rows.join('\n')}\n`
  })
  return `${PREFACE}\n\n${tables.join('\n')}`
}

const PREFACE = `# What becomes of every field

Made by \`npm test -- test/laws/08- -u\`, checked by every run. A request in the dialect of the heading, sent to an upstream that speaks another one:
**sent** as it is or in other words that mean the same; **told**: left out or changed, and named in \`x-tutti-warnings\`; **400**: refused, because without it
the answer would not be what was asked for. Where caller and upstream speak the same dialect the bytes travel as they came, and nothing of this page applies.`

const MARKS = { sent: 'sent', told: 'told', refused: '400', lost: '**lost**' } as const

const TITLES: Readonly<Record<Inbound, string>> = {
  chat: 'Chat completions',
  responses: 'Responses',
  messages: "Anthropic's Messages",
  geminiGenerate: 'Gemini',
}

const SHOWN_LENGTH = 60

function valueOf(set: JsonObject): string {
  const text = JSON.stringify(set).replaceAll('|', '\\|')
  return text.length > SHOWN_LENGTH ? '' : `\`${text}\``
}
