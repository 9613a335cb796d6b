import type { Observation } from '#src/core/adapter.ts'
import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import { convertUsage } from './convert-usage.ts'
import { failureInside } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'

const ONE: readonly number[] = [0]
const NONE: readonly number[] = []

/** What a message, or one event of its stream, says. Never throws. */
export function observe(value: JsonObject, { stream }: { readonly stream: boolean }): Observation {
  if (value['type'] === 'error') return said({ failure: failureInside(value) })
  return stream ? observeEvent(value) : observeMessage(value)
}

function observeMessage(value: JsonObject): Observation {
  const bytes = (arrayAt(value, 'content') ?? []).reduce((sum: number, block) => sum + blockBytes(block), 0)
  const content = (arrayAt(value, 'content') ?? []).some((block) => isContent(block))
  return said({ ...ended(value, value), content, generatedBytes: bytes, choices: ONE })
}

function observeEvent(value: JsonObject): Observation {
  switch (value['type']) {
    case 'message_start': {
      const message = objectAt(value, 'message')
      const model = stringAt(message, 'model')
      return said({ ...ended(undefined, message), choices: ONE, model })
    }
    case 'content_block_start': {
      const block = value['content_block'] ?? null
      return said({ content: isContent(block), generatedBytes: blockBytes(block), choices: ONE })
    }
    case 'content_block_delta': {
      const bytes = deltaBytes(objectAt(value, 'delta'))
      return said({ content: bytes > 0, generatedBytes: bytes, choices: ONE })
    }
    case 'message_delta':
      return said({ ...ended(objectAt(value, 'delta'), value), choices: ONE })
    case 'message_stop':
      return said({ done: true })
    default:
      return said({})
  }
}

/** All of them have one shape. */
function said(more: Partial<Observation>): Observation {
  return {
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
    ...more,
  }
}

function ended(reason: JsonObject | undefined, owner: JsonObject | undefined): Partial<Observation> {
  const finish = finishOf(reason)
  const usage = objectAt(owner, 'usage')
  const unified = finish?.unified === 'pause' ? 'stop' : finish?.unified
  return {
    finished: finish ? ONE : NONE,
    // A paused turn may be empty and is no failure: `length` says the same of it.
    finish: finish?.unified === 'pause' ? 'length' : unified,
    usage: usage && convertUsage(usage),
  }
}

/** Text and thoughts begin empty; every other block is something by itself. */
function isContent(block: Json): boolean {
  const type = stringAt(block, 'type')
  return type === undefined ? false : (type !== 'text' && type !== 'thinking') || blockBytes(block) > 0
}

function blockBytes(block: Json): number {
  if (!isObject(block)) return 0
  const input = block['input']
  const call = isObject(input) && Object.keys(input).length > 0 ? utf8Length(JSON.stringify(input)) : 0
  return textBytes(block['text']) + textBytes(block['thinking']) + textBytes(block['name']) + call
}

function deltaBytes(delta: JsonObject | undefined): number {
  if (!delta) return 0
  return textBytes(delta['text']) + textBytes(delta['thinking']) + textBytes(delta['partial_json'])
}

function textBytes(text: Json | undefined): number {
  return typeof text === 'string' ? utf8Length(text) : 0
}
