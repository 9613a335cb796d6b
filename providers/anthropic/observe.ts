import type { Observation } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import { convertUsage } from './convert-usage.ts'
import { jsonText } from './decode-response.ts'
import { failureInside } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'

const ONE: readonly number[] = [0]
const NONE: readonly number[] = []

interface Kind {
  readonly endpoint?: Endpoint
  readonly stream: boolean
  readonly event?: string | undefined
}

/** What a message, or one event of its stream, says. Never throws. */
export function observe(value: JsonObject, { endpoint, stream, event }: Kind): Observation {
  if (value['type'] === 'error' || event === 'error' || isObject(value['error']))
    return { ...SILENT, failure: failureInside(value) }
  // A count is all that it says.
  if (endpoint === 'countTokens') return { ...SILENT, content: numberAt(value, 'input_tokens') !== undefined }
  return stream ? observeEvent(value) : observeMessage(value)
}

const SILENT: Observation = {
  content: false,
  generatedBytes: 0,
  choices: NONE,
  finished: NONE,
  finish: undefined,
  usage: undefined,
  failure: undefined,
  usageOnly: false,
  done: false,
  model: undefined,
}

function observeMessage(value: JsonObject): Observation {
  const blocks = arrayAt(value, 'content') ?? []
  const generatedBytes = blocks.reduce((sum: number, block) => sum + blockBytes(block), 0)
  const model = stringAt(value, 'model')
  const content = blocks.some(isContent) || isStopped(value)
  return { ...SILENT, ...ended(value, value), content, generatedBytes, choices: ONE, model }
}

function observeEvent(value: JsonObject): Observation {
  switch (value['type']) {
    case 'content_block_delta': {
      const delta = objectAt(value, 'delta')
      const generatedBytes = deltaBytes(delta)
      return {
        ...SILENT,
        content: generatedBytes > 0 || delta?.['type'] === 'citations_delta',
        generatedBytes,
        choices: ONE,
      }
    }
    case 'content_block_start': {
      const block = value['content_block'] ?? null
      return { ...SILENT, content: isContent(block), generatedBytes: blockBytes(block), choices: ONE }
    }
    case 'message_start': {
      const message = objectAt(value, 'message')
      return { ...SILENT, ...ended(undefined, message), choices: ONE, model: stringAt(message, 'model') }
    }
    case 'message_delta': {
      const delta = objectAt(value, 'delta')
      return { ...SILENT, ...ended(delta, value), content: isStopped(delta), choices: ONE }
    }
    case 'message_stop':
      return { ...SILENT, done: true }
    default:
      return SILENT
  }
}

function ended(reason: JsonObject | undefined, owner: JsonObject | undefined): Partial<Observation> {
  const finish = finishOf(reason)
  const usage = objectAt(owner, 'usage')
  return {
    finished: finish ? ONE : NONE,
    // A turn that was paused may have nothing in it and is no failure: `length` says the same of an answer.
    finish: finish?.unified === 'pause' ? 'length' : finish?.unified,
    usage: usage && convertUsage(usage),
  }
}

/** A sequence of the caller's own was met, perhaps at once: that is what the answer says. */
function isStopped(reason: JsonObject | undefined): boolean {
  return reason?.['stop_reason'] === 'stop_sequence'
}

/** Text and thoughts begin empty; every other block is something by itself. */
function isContent(block: Json): boolean {
  const type = stringAt(block, 'type')
  if (type === undefined) return false
  return (type !== 'text' && type !== 'thinking') || blockBytes(block) > 0
}

function blockBytes(block: Json): number {
  if (!isObject(block)) return 0
  const input = block['input']
  const call = isObject(input) && Object.keys(input).length > 0 ? utf8Length(jsonText(input)) : 0
  return textBytes(block['text']) + textBytes(block['thinking']) + textBytes(block['name']) + call
}

function deltaBytes(delta: JsonObject | undefined): number {
  if (!delta) return 0
  return textBytes(delta['text']) + textBytes(delta['thinking']) + textBytes(delta['partial_json'])
}

function textBytes(text: Json | undefined): number {
  return typeof text === 'string' ? utf8Length(text) : 0
}
