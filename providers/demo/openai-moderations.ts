import { arrayAt, isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { missing, OPENAI_ERRORS } from './error-openai.ts'
import { postAt } from './openai.ts'
import { draw, idOf } from './random.ts'
import { jsonBody, PLAIN_WISH, type Render, type Surface } from './surface.ts'

/** What a text may be, and whether an image may be it too. */
const CATEGORIES: Readonly<Record<string, boolean>> = {
  harassment: false,
  'harassment/threatening': false,
  hate: false,
  'hate/threatening': false,
  illicit: false,
  'illicit/violent': false,
  'self-harm': true,
  'self-harm/instructions': true,
  'self-harm/intent': true,
  sexual: true,
  'sexual/minors': false,
  violence: true,
  'violence/graphic': true,
}

/** OpenAI's moderations: a refusal flags, the rest passes. */
export const moderations: Surface = {
  endpoint: 'moderations',
  asksModel: true,
  find: postAt('/moderations'),
  refuse: ({ body }) => missing(body, ['input']),
  wish: ({ body }) => ({ ...PLAIN_WISH, prompt: body['input'] }),
  whole: (render) => jsonBody(renderModerations(render)),
  errors: OPENAI_ERRORS,
}

function renderModerations(render: Render): JsonObject {
  const { body, model, seed } = render
  const inputs = arrayAt(body, 'input') ?? [body['input'] ?? '']
  // Parts of text and images are one thing together.
  const judged = inputs.some(isObject) ? [inputs] : inputs
  return {
    id: idOf('modr-', seed),
    model: model === '' ? 'omni-moderation-latest' : model,
    results: judged.map((input) => resultOf(input, render)),
  }
}

function resultOf(input: Json, { reply }: Render): JsonObject {
  const flagged = flaggedBy(reply.refusal)
  const texts = JSON.stringify(input)
  const shown = (arrayAt({ input }, 'input') ?? []).some((part) => isObject(part) && part['type'] === 'image_url')
  const each = (value: (name: string) => Json) =>
    Object.fromEntries(Object.keys(CATEGORIES).map((name) => [name, value(name)]))
  return {
    flagged: flagged.size > 0,
    categories: each((name) => flagged.has(name)),
    category_scores: each((name) => (flagged.has(name) ? 0.9 : 0) + draw(`${name}/${texts}`) / 100),
    category_applied_input_types: each((name) => (shown && CATEGORIES[name] === true ? ['text', 'image'] : ['text'])),
  }
}

/** The categories that a refusal names, else the mildest; none without one. */
function flaggedBy(refusal: string | undefined): ReadonlySet<string> {
  if (refusal === undefined) return new Set()
  const named = refusal.split(',').map((name) => name.trim())
  const known = named.filter((name) => Object.hasOwn(CATEGORIES, name))
  return new Set(known.length > 0 ? known : ['harassment'])
}
