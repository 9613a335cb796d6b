import type { JsonObject } from '#src/core/json.ts'
import { wordsOf, type Content } from './content.ts'
import type { StreamEvent } from './framing.ts'
import { contentsOf, interleave } from './render.ts'
import { callPart, endOf, headOf, seedOf, textSignature, usageOf } from './render-gemini.ts'
import type { Render } from './surface.ts'
import { tallyOf, type Tally } from './usage.ts'

/** What one event says of one candidate. */
interface Said {
  readonly candidate: JsonObject
  /** Tokens that it took. */
  readonly reasoning: number
  readonly output: number
  readonly end?: boolean
}

/** All events of a streamed answer: each is an answer of its own that holds what is new, and usage as far as it has come. */
export function renderGeminiStream(render: Render): readonly StreamEvent[] {
  const contents = contentsOf(render)
  const tally = tallyOf(render, ...contents)
  const said = interleave(contents.map((content, index) => saidOf(content, index, render)))
  const events: StreamEvent[] = []
  const counted = { reasoning: 0, output: 0 }
  for (const [at, { candidate, reasoning, output, end }] of said.entries()) {
    counted.reasoning += reasoning
    counted.output += output
    const usage = tally && usageOf(at === said.length - 1 ? tally : soFar(tally, counted))
    const json = { candidates: [candidate], ...(usage && { usageMetadata: usage }), ...headOf(render) }
    events.push({ json, generated: output > 0, ...(end === true && { end }) })
  }
  return events
}

/** Never more than it comes to in the end. */
function soFar(tally: Tally, counted: { readonly reasoning: number; readonly output: number }): Tally {
  const output = Math.min(tally.output, counted.output)
  return { ...tally, output, reasoning: Math.min(tally.reasoning, counted.reasoning) }
}

function saidOf(content: Content, index: number, render: Render): readonly Said[] {
  const own = { ...render, seed: seedOf(render, index) }
  const says = (part: JsonObject, more: JsonObject = {}): JsonObject => ({
    content: { parts: [part], role: 'model' },
    ...more,
    index,
  })
  return [
    ...content.reasoning.map((text) => ({ candidate: says({ text, thought: true }), reasoning: 1, output: 1 })),
    ...(wordsOf(content) ?? []).map((text) => ({ candidate: says({ text }), reasoning: 0, output: 1 })),
    ...content.tools.map((call, at) => ({
      candidate: says(callPart(call, at, own)),
      reasoning: 0,
      output: call.pieces.length,
    })),
    {
      candidate: says({ text: '', ...textSignature(content, own) }, endOf(content, own)),
      reasoning: 0,
      output: 0,
      end: true,
    },
  ]
}
