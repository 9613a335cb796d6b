import { toBase64 } from '#src/core/binary.ts'
import { stringAt, type JsonObject } from '#src/core/json.ts'
import { missing, OPENAI_ERRORS } from './error-openai.ts'
import { SSE, type StreamEvent } from './framing.ts'
import { postAt } from './openai.ts'
import { splitText } from './pieces.ts'
import { bodyOf } from './request-record.ts'
import { soundOf } from './sounds.ts'
import { PLAIN_WISH, type Body, type Render, type Surface } from './surface.ts'
import { tallyOf } from './usage.ts'

/** Tokens of a piece of speech: a second has about twenty. */
const TOKENS_A_PIECE = 6

/** OpenAI's speech: bytes in pieces, or events with them. */
export const speech: Surface = {
  endpoint: 'speech',
  asksModel: true,
  find(request, path) {
    const found = postAt('/audio/speech')(request, path)
    return found && { stream: bodyOf(request)['stream_format'] === 'sse' }
  },
  refuse: ({ body }) => missing(body, ['model', 'input', 'voice']),
  wish: ({ body }) => ({ ...PLAIN_WISH, prompt: body['input'] }),
  whole: (render): Body => soundOf(spokenIn(render), formatOf(render)),
  stream: { framing: () => SSE, events: speechEvents },
  errors: OPENAI_ERRORS,
}

/** What is said: the script's words, else what the request wants to hear. */
function spokenIn({ reply, body }: Render): readonly string[] {
  if (reply.empty === true) return []
  return reply.deltas ?? splitText(reply.text ?? stringAt(body, 'input') ?? '')
}

function formatOf({ body }: Render): string {
  return stringAt(body, 'response_format') ?? 'mp3'
}

function speechEvents(render: Render): readonly StreamEvent[] {
  const spoken = spokenIn(render)
  const { pieces } = soundOf(spoken, formatOf(render))
  const done = { type: 'speech.audio.done', ...usageOf(render, spoken.length) }
  return [
    ...pieces.map((bytes) => ({ json: { type: 'speech.audio.delta', audio: toBase64(bytes) }, generated: true })),
    { json: done, generated: false, end: true },
  ]
}

function usageOf(render: Render, pieces: number): JsonObject {
  const tally = tallyOf(render)
  if (tally === undefined) return {}
  const output = render.reply.usage?.output ?? pieces * TOKENS_A_PIECE
  return { usage: { input_tokens: tally.input, output_tokens: output, total_tokens: tally.input + output } }
}
