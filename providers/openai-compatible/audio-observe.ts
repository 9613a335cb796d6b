import type { Observation } from '#src/core/adapter.ts'
import { numberAt, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import { SOUND_TOKENS_A_SECOND } from '#src/core/sound.ts'
import type { Usage } from '#src/core/usage.ts'
import { usageOf } from './convert-usage.ts'
import type { Quirks } from './definition.ts'
import { failureInside } from './map-error.ts'
import { responsesUsage } from './responses-decode.ts'

const ONE: readonly number[] = [0]
const NONE: readonly number[] = []

interface Kind {
  readonly stream: boolean
  readonly event?: string | undefined
}

/** What a transcript, or one event of a transcript's or of a speech's stream, says. Never throws. */
export function observeAudio(value: JsonObject, kind: Kind, quirks: Quirks): Observation {
  const failure = failureInside(value, kind.event)
  const ended = !kind.stream || stringAt(value, 'type')?.endsWith('.done') === true
  // The last event says the whole text again; of a stream the deltas count.
  const bytes = ended && kind.stream ? 0 : utf8Length(saidBy(value))
  return {
    // Where nobody spoke the text is empty, and the answer is whole.
    content: failure === undefined && (ended ? isAnswer(value, kind) : bytes > 0),
    generatedBytes: bytes,
    choices: ONE,
    finished: ended ? ONE : NONE,
    finish: undefined,
    usage: audioUsage(value, quirks),
    failure,
    usageOnly: false,
    done: false,
    model: stringAt(value, 'model'),
  }
}

function saidBy(value: JsonObject): string {
  return stringAt(value, 'delta') ?? stringAt(value, 'text') ?? stringAt(value, 'audio') ?? ''
}

function isAnswer(value: JsonObject, { stream }: Kind): boolean {
  return stream || stringAt(value, 'text') !== undefined || stringAt(value, 'audio') !== undefined
}

/** Tokens, or seconds as tokens. What was not reported stays undefined. */
function audioUsage(value: JsonObject, quirks: Quirks): Usage | undefined {
  const wire = objectAt(value, 'usage')
  if (!wire) return undefined
  const seconds = numberAt(wire, 'seconds')
  if (seconds !== undefined && seconds >= 0) {
    const input = Math.ceil(seconds * SOUND_TOKENS_A_SECOND)
    // Who counts seconds charges for nothing else.
    return { input, audioInput: input, output: 0 }
  }
  const heard = numberAt(objectAt(wire, 'input_token_details'), 'audio_tokens')
  const usage = 'input_tokens' in wire ? responsesUsage(value) : usageOf(value, quirks)
  return { ...usage, ...(heard !== undefined && heard >= 0 && { audioInput: heard }) }
}
