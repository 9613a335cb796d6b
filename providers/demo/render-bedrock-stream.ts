import type { JsonObject } from '#src/core/json.ts'
import { contentOf } from './content.ts'
import type { StreamEvent } from './framing.ts'
import { hash } from './random.ts'
import { blocksOf, endOf, METRICS, usageOf, type Block } from './render-bedrock.ts'
import type { Render } from './surface.ts'

const FILLER = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** All events of ConverseStream, each filled up so that its length tells nothing. */
export function renderConverseStream(render: Render): readonly StreamEvent[] {
  const content = contentOf(render)
  const events = [
    event('messageStart', { role: 'assistant' }),
    ...blocksOf(content, render).flatMap(blockEvents),
    { ...event('messageStop', endOf(content)), end: true },
    { ...event('metadata', { metrics: METRICS, ...usageOf(content, render) }), end: true },
  ]
  return events.map((each, at) => {
    const p = FILLER.slice(0, 1 + (hash(`${render.seed}/${at}`) % FILLER.length))
    return { ...each, json: { ...each.json, p } }
  })
}

interface Named extends StreamEvent {
  readonly json: JsonObject
}

function blockEvents({ start, deltas }: Block, index: number): readonly Named[] {
  const place = { contentBlockIndex: index }
  return [
    ...(start === undefined ? [] : [event('contentBlockStart', { ...place, start })]),
    ...deltas.map((delta) => ({ ...event('contentBlockDelta', { ...place, delta }), generated: isGenerated(delta) })),
    event('contentBlockStop', place),
  ]
}

/** Neither signatures nor citations are what a model has to think for. */
function isGenerated({ reasoningContent, citation }: JsonObject): boolean {
  const signed = typeof reasoningContent === 'object' && reasoningContent !== null && 'signature' in reasoningContent
  return !signed && citation === undefined
}

function event(name: string, json: JsonObject): Named {
  return { json, generated: false, name }
}
