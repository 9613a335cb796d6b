import { stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { missing, OPENAI_ERRORS } from './error-openai.ts'
import { SSE, type StreamEvent } from './framing.ts'
import { postAt } from './openai.ts'
import { pictureOf } from './pictures.ts'
import { idOf } from './random.ts'
import { choiceCount } from './render.ts'
import { bodyOf, isOn } from './request-record.ts'
import type { ErrorReply } from './script.ts'
import { jsonBody, PLAIN_WISH, type Ask, type Render, type Surface } from './surface.ts'
import { tallyOf } from './usage.ts'

/** Tokens of a square picture, by its quality; of one that comes in, the last. */
const TOKENS: Readonly<Record<string, number>> = { low: 272, medium: 1056, high: 4160 }
const TOKENS_IN = 323

const generations: Surface = {
  endpoint: 'imageGenerations',
  asksModel: true,
  find: postAt('/images/generations'),
  refuse: ({ body }) => missing(body, ['prompt']),
  wish: ({ body }) => ({ ...PLAIN_WISH, choices: countAt(body, 'n', 1), prompt: body['prompt'] }),
  whole: (render) => jsonBody(renderImages(render)),
  stream: { framing: () => SSE, events: (render) => imageEvents(render, 'image_generation') },
  errors: OPENAI_ERRORS,
}

/** A form, in which numbers and switches are text. */
const edits: Surface = {
  ...generations,
  endpoint: 'imageEdits',
  find(request, path) {
    const found = postAt('/images/edits')(request, path)
    return found && { stream: isOn(bodyOf(request)['stream']) }
  },
  refuse: refuseEdit,
  stream: { framing: () => SSE, events: (render) => imageEvents(render, 'image_edit') },
}

function refuseEdit({ body }: Ask): ErrorReply | undefined {
  const name = ['image', 'image[]', 'images'].find((each) => body[each] !== undefined) ?? 'image'
  return missing(body, ['prompt', name])
}

function renderImages(render: Render): JsonObject {
  const picture = isUrl(render) ? urlPicture(render) : { b64_json: pictureOf(formatOf(render.body)) }
  return {
    created: render.created,
    data: Array.from({ length: choiceCount(render) }, () => picture),
    ...(!isUrl(render) && { ...lookOf(render.body), ...usageOf(render) }),
  }
}

/** Older models give an address, unless told otherwise, and say what they made of the prompt. */
function isUrl({ body, model }: Render): boolean {
  return (stringAt(body, 'response_format') ?? (model.startsWith('dall-e') ? 'url' : 'b64_json')) === 'url'
}

function urlPicture({ reply, seed, body }: Render): JsonObject {
  const url = `https://images.tutti.invalid/${idOf('img-', seed)}.png`
  return { url, revised_prompt: reply.text ?? stringAt(body, 'prompt') ?? '' }
}

/** Partial pictures, then whole ones. */
function imageEvents(render: Render, kind: string): readonly StreamEvent[] {
  const { body, created } = render
  const common = { b64_json: pictureOf(formatOf(body)), created_at: created, ...lookOf(body) }
  const partial = Array.from({ length: Math.min(3, countAt(body, 'partial_images', 0)) }, (_, at) => ({
    type: `${kind}.partial_image`,
    ...common,
    partial_image_index: at,
  }))
  const whole = { type: `${kind}.completed`, ...common, ...usageOf(render) }
  return [
    ...partial.map((json) => ({ json, generated: true, name: json.type })),
    { json: whole, generated: true, name: whole.type, end: true },
  ]
}

function lookOf(body: JsonObject): { readonly [name: string]: string } {
  return {
    background: stringAt(body, 'background') === 'transparent' ? 'transparent' : 'opaque',
    output_format: formatOf(body),
    quality: qualityOf(body),
    size: chosen(body, 'size') ?? '1024x1024',
  }
}

function formatOf(body: JsonObject): string {
  return stringAt(body, 'output_format') ?? 'png'
}

function qualityOf(body: JsonObject): string {
  return chosen(body, 'quality') ?? 'low'
}

function chosen(body: JsonObject, name: string): string | undefined {
  const value = stringAt(body, name)
  return value === 'auto' ? undefined : value
}

function usageOf(render: Render): JsonObject {
  const { body, reply } = render
  const tally = tallyOf(render)
  if (tally === undefined) return {}
  const pictures = [body['image'], body['image[]'], body['images']].flatMap(listOf).length * TOKENS_IN
  const input = reply.usage?.input ?? tally.input + pictures
  const output = reply.usage?.output ?? choiceCount(render) * (TOKENS[qualityOf(body)] ?? TOKENS_IN)
  return {
    usage: {
      input_tokens: input,
      input_tokens_details: { image_tokens: Math.min(pictures, input), text_tokens: Math.max(0, input - pictures) },
      output_tokens: output,
      total_tokens: input + output,
    },
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

function countAt(body: JsonObject, name: string, otherwise: number): number {
  const count = Math.trunc(Number(body[name] ?? otherwise))
  return Number.isSafeInteger(count) && count > 0 ? count : otherwise
}

/** What OpenAI paints. */
export const IMAGE_SURFACES: readonly Surface[] = [generations, edits]
