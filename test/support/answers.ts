import fc from 'fast-check'
import type { Answer, Choice, Finish, StreamPart } from '#src/core/answer.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import type { Part } from '#src/core/conversation.ts'
import type { Dialect, RenderContext, StreamRenderer } from '#src/core/dialect.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { createSeed, type Draw } from '#src/core/seed.ts'
import { endFrames, readFrames, startFrames } from '#src/transport/framing.ts'
import type { Framing } from '#src/core/wire-event.ts'
import { adapters } from '#providers/registry.ts'

/** Random answers in no dialect, and how they go out in one and come in again. */

const text = fc.oneof(
  fc.constantFrom('안녕하세요', 'Hello 👋🏽 there', '한국어 "quoted" \\ back\nline', '👩‍👩‍👧‍👦', 'data: [DONE]\n\n', '</tool>'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
)
const word = fc.stringMatching(/^[a-z][a-z_]{0,12}$/)
const input = fc
  .dictionary(word, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text, { maxLength: 2 })), {
    maxKeys: 3,
  })
  .map((value) => JSON.stringify(value))

const textPart: fc.Arbitrary<Part> = text.map((own) => ({ type: 'text', text: own }))
const reasoningPart: fc.Arbitrary<Part> = text.map((own) => ({ type: 'reasoning', text: own }))
const callPart = fc
  .tuple(word, input)
  .map(([name, args]) => ({ type: 'tool-call', id: '', name, input: args }) as const)

/** As models answer: thoughts, then text, then calls; each of them perhaps. */
const parts = fc
  .tuple(fc.option(reasoningPart), fc.option(textPart), fc.array(callPart, { maxLength: 4 }))
  .map(([thought, said, calls]) => [
    ...(thought ? [thought] : []),
    ...(said ? [said] : []),
    ...calls.map((call, index) => ({ ...call, id: `call_${index}` })),
  ])
  .filter((all) => all.length > 0)

const usage = fc.record({ input: fc.nat(9999), output: fc.nat(9999) })

function finishFor(own: readonly Part[]): fc.Arbitrary<Finish> {
  if (own.some(({ type }) => type === 'tool-call')) return fc.constant({ unified: 'tool_calls' })
  return fc.constantFrom<Finish>({ unified: 'stop' }, { unified: 'length' }, { unified: 'content_filter' })
}

const choice = parts.chain((own) => finishFor(own).map((finish): Choice => ({ index: 0, parts: own, finish })))

export const answers: fc.Arbitrary<Answer> = fc
  .record({ choice, usage, model: word })
  .map((own) => ({ id: 'upstream-1', model: own.model, choices: [own.choice], usage: own.usage }))

export const seeds = fc.string({ minLength: 1, maxLength: 8 })

/** The same steps in another order that says the same: texts come in pieces, and calls side by side are written in turns. */
export function shuffled(steps: readonly StreamPart[], seed: string): readonly StreamPart[] {
  const draw = createSeed(seed)
  const pieces = steps.flatMap((step): readonly StreamPart[] =>
    step.type === 'delta' ? splitDelta(step, draw) : [step],
  )
  const calls = new Set(
    pieces.flatMap((step) => (step.type === 'part-start' && step.part.type === 'tool-call' ? [step.index] : [])),
  )
  const isCall = (step: StreamPart): boolean => 'index' in step && calls.has(step.index)
  const first = pieces.findIndex(isCall)
  if (first < 0) return pieces
  const queues = [...calls].map((index) => pieces.filter((step) => 'index' in step && step.index === index))
  const mixed: StreamPart[] = []
  // Parts begin in their order; from then on any that has begun may go on.
  let begun = 0
  while (queues.some((queue) => queue.length > 0)) {
    const open = queues.slice(0, begun).filter((queue) => queue.length > 0)
    const starts = begun < queues.length && (open.length === 0 || draw() < 0.4)
    const queue = starts ? queues[begun++] : open[Math.floor(draw() * open.length)]
    const next = queue?.shift()
    if (next) mixed.push(next)
  }
  return [...pieces.slice(0, first), ...mixed, ...pieces.slice(first).filter((step) => !isCall(step))]
}

function splitDelta(step: Extract<StreamPart, { type: 'delta' }>, draw: Draw): readonly StreamPart[] {
  const pieces: StreamPart[] = []
  let rest = [...step.text]
  while (rest.length > 0) {
    const size = 1 + Math.floor(draw() * rest.length)
    pieces.push({ ...step, text: rest.slice(0, size).join('') })
    rest = rest.slice(size)
  }
  return pieces
}

/** The codec of the upstream that speaks what this dialect's clients do; undefined: nobody does. */
export function codecOf(wire: string): ConversationCodec | undefined {
  for (const adapter of adapters.values()) {
    const found = adapter.codecs?.find((codec) => codec.wire === wire)
    if (found) return found
  }
  return undefined
}

/** What an answer amounts to for whoever reads it: without ids, raw words, and what some dialects cannot say. */
export function meaningOf({ model, choices, usage: used }: Answer) {
  return {
    model,
    choices: choices.map(({ parts: own, finish }) => ({
      reasoning: textsOf(own, 'reasoning'),
      text: textsOf(own, 'text'),
      calls: own.flatMap((part) =>
        part.type === 'tool-call' ? [{ name: part.name, input: parseJson(part.input) }] : [],
      ),
      finish: finish.unified,
    })),
    usage: { input: used?.input, output: used?.output },
  }
}

function textsOf(own: readonly Part[], type: 'reasoning' | 'text'): string {
  return own
    .map((part) =>
      part.type === type ? ((part.type === 'reasoning' ? (part.text ?? part.summary?.join('')) : part.text) ?? '') : '',
    )
    .join('')
}

/** Renders steps as the dialect's stream, whole. */
export function renderSteps(dialect: Dialect, steps: Iterable<StreamPart>, context: RenderContext): string {
  const { translation } = dialect
  if (!translation) throw new TypeError(`${dialect.endpoint} does not translate`)
  let renderer: StreamRenderer = translation.renderer(context)
  let out = ''
  for (const step of steps) {
    const next = renderer.part(step)
    renderer = next.renderer
    out += next.out
  }
  return out + renderer.finish({ bill: { cost: 1000n, estimated: false, usage: {} } })
}

/** All steps that a codec reads from a body, however it is cut. */
export function decodeSteps(
  codec: ConversationCodec,
  chunks: Iterable<Uint8Array>,
  framing: Framing = codec.framing,
): readonly StreamPart[] {
  let frames = startFrames(framing)
  let decoder = codec.decoder('id')
  const steps: StreamPart[] = []
  const take = (events: ReturnType<typeof readFrames>['events']): void => {
    for (const event of events) {
      const next = decoder.event(event)
      decoder = next.decoder
      steps.push(...next.parts)
    }
  }
  for (const chunk of chunks) {
    const read = readFrames(frames, chunk)
    frames = read.state
    take(read.events)
    if (read.failure !== undefined) throw new Error(read.failure)
  }
  const end = endFrames(frames)
  take(end.events)
  if (end.failure !== undefined) throw new Error(end.failure)
  return [...steps, ...decoder.end()]
}

export function objectOf(text_: string): JsonObject {
  const value = parseJson(text_)
  if (!isObject(value)) throw new SyntaxError(`not an object: \`${text_}\``)
  return value
}
