import { toBase64 } from '#src/core/binary.ts'
import type { Json, JsonObject } from '#src/core/json.ts'
import { arrayAt, numberAt, stringAt } from '#src/core/json.ts'
import { countTokens } from './pieces.ts'
import { draw } from './random.ts'
import type { Render } from './surface.ts'

const DEFAULT_DIMENSIONS = 8
const MOST_DIMENSIONS = 4096

/** A list of embeddings: equal inputs have equal vectors of length 1. */
export function renderEmbeddings(render: Render): JsonObject {
  const inputs = inputsOf(render.body)
  const base64 = (render.reply.embeddingFormat ?? stringAt(render.body, 'encoding_format')) === 'base64'
  const data = inputs.map((input, index) => {
    const vector = render.reply.embedding ?? vectorOf(input, numberAt(render.body, 'dimensions'))
    return { object: 'embedding', index, embedding: base64 ? base64Of(vector) : vector }
  })
  const tokens = render.reply.usage?.input ?? inputs.reduce((sum, input) => sum + countTokens(input), 0)
  const body = { object: 'list', data, model: render.model }
  return render.reply.usageIn === 'never' ? body : { ...body, usage: { prompt_tokens: tokens, total_tokens: tokens } }
}

function inputsOf(body: JsonObject): string[] {
  const list = arrayAt(body, 'input')
  if (list === undefined || typeof list[0] === 'number') return [asText(body['input'])]
  return list.map(asText)
}

function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '')
}

/** The vector of a text. */
export function vectorOf(input: string, dimensions = DEFAULT_DIMENSIONS): number[] {
  const size = Math.min(Math.max(1, Math.trunc(dimensions)), MOST_DIMENSIONS)
  const raw = Array.from({ length: size }, (_, index) => draw(`${input}/${index}`) - 0.5)
  const length = Math.hypot(...raw) || 1
  return raw.map((each) => Math.fround(each / length))
}

/** 32-bit floats, little-endian, as OpenAI encodes them. */
function base64Of(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4))
  vector.forEach((each, index) => view.setFloat32(index * 4, each, true))
  return toBase64(new Uint8Array(view.buffer))
}
