import type { JsonObject } from '#src/core/json.ts'
import { contentOf } from './content.ts'
import type { StreamEvent } from './framing.ts'
import { blocksOf, endOf, messageOf, messageUsage, type Block } from './render-messages.ts'
import type { Render } from './surface.ts'

/** What a model had not to think for. */
const SILENT: ReadonlySet<unknown> = new Set(['signature_delta', 'citations_delta'])

/** All events of a streamed message. */
export function renderMessageStream(render: Render): readonly StreamEvent[] {
  const content = contentOf(render)
  const usage = messageUsage(render, content)
  const message = { ...messageOf(render), ...(usage && { usage: begunUsage(usage) }) }
  const [first, ...more] = blocksOf(content, render).map(blockEvents)
  const [start, ...rest] = first ?? []
  return [
    event('message_start', { message }),
    ...(start === undefined ? [] : [start]),
    event('ping'),
    ...rest,
    ...more.flat(),
    event('message_delta', { delta: endOf(content), ...(usage && { usage: endUsage(usage) }) }),
    { ...event('message_stop'), end: true },
  ]
}

/** At the beginning there is the input, and the first of what is written. */
function begunUsage({ output_tokens_details: _details, ...usage }: JsonObject): JsonObject {
  return { ...usage, output_tokens: 1 }
}

/** Counts alone, cumulative: where and how it was served has been said. */
function endUsage({
  cache_creation: _cache,
  service_tier: _tier,
  inference_geo: _geo,
  ...counts
}: JsonObject): JsonObject {
  return counts
}

function blockEvents({ begun, deltas }: Block, index: number): readonly StreamEvent[] {
  return [
    event('content_block_start', { index, content_block: begun }),
    ...deltas.map((delta) => ({
      ...event('content_block_delta', { index, delta }),
      generated: !SILENT.has(delta['type']),
    })),
    event('content_block_stop', { index }),
  ]
}

function event(type: string, members: JsonObject = {}): StreamEvent {
  return { json: { type, ...members }, generated: false, name: type }
}
