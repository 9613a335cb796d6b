import type { Observation } from '#src/core/adapter.ts'
import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import type { ReportedCost } from './definition.ts'
import { finishOf, responsesUsage } from './responses-decode.ts'
import { failedEvent, failedResponse } from './responses-failure.ts'

const ONE: readonly number[] = [0]
const NONE: readonly number[] = []

/** What a response, or one event of its stream, says. Never throws. */
export function observeResponses(value: JsonObject, stream: boolean, reportedCost: ReportedCost): Observation {
  return stream ? observeEvent(value, reportedCost) : observeWhole(value, failedResponse(value), reportedCost)
}

function observeEvent(value: JsonObject, reportedCost: ReportedCost): Observation {
  const failure = failedEvent(value)
  if (failure) return said({ failure })
  const type = stringAt(value, 'type') ?? ''
  switch (type) {
    case 'response.completed':
    case 'response.incomplete':
      return {
        ...observeWhole(objectAt(value, 'response') ?? {}, undefined, reportedCost),
        generatedBytes: 0,
        done: true,
      }
    case 'response.created':
      return said({ choices: ONE, model: stringAt(objectAt(value, 'response'), 'model') })
    case 'response.output_item.added': {
      const kind = stringAt(objectAt(value, 'item'), 'type')
      return said({ choices: ONE, content: kind !== 'message' && kind !== 'reasoning' })
    }
    default: {
      const delta = value['delta']
      const bytes = typeof delta === 'string' ? utf8Length(delta) : 0
      return said({ choices: ONE, content: bytes > 0 || type.endsWith('partial_image'), generatedBytes: bytes })
    }
  }
}

function observeWhole(response: JsonObject, failure: Observation['failure'], reportedCost: ReportedCost): Observation {
  const items = arrayAt(response, 'output') ?? []
  return said({
    failure,
    content: items.some(isContent),
    generatedBytes: items.reduce((sum: number, item) => sum + itemBytes(item), 0),
    choices: ONE,
    finished: ONE,
    finish: finishOf(
      response,
      items.some((item) => stringAt(item, 'type') === 'function_call'),
    ).unified,
    usage: responsesUsage(response, reportedCost),
    model: stringAt(response, 'model'),
  })
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

/** A message or a thought may be empty; every other item is something by itself. */
function isContent(item: Json): boolean {
  const type = stringAt(item, 'type')
  return (type !== 'message' && type !== 'reasoning') || itemBytes(item) > 0
}

function itemBytes(item: Json): number {
  if (!isObject(item)) return 0
  const parts = [...(arrayAt(item, 'content') ?? []), ...(arrayAt(item, 'summary') ?? [])]
  const texts = parts.map((part) => textBytes(stringAt(part, 'text')) + textBytes(stringAt(part, 'refusal')))
  return texts.reduce(
    (sum, bytes) => sum + bytes,
    textBytes(stringAt(item, 'arguments')) + textBytes(stringAt(item, 'input')),
  )
}

function textBytes(text: string | undefined): number {
  return text === undefined ? 0 : utf8Length(text)
}
