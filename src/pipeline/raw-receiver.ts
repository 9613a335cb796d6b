import { isObject, parseJson } from '#src/core/json.ts'
import { MAX_ANSWER_BYTES } from '#src/core/limits.ts'
import type { Usage } from '#src/core/usage.ts'
import { failedBy, unusable, type Ending } from './attempt-result.ts'
import { createCollector, type Receiver, type StreamInput, type StreamSignals } from './receivers.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

interface RawInput extends StreamInput {
  /** The upstream's; '' where it wrote none. */
  readonly contentType: string
  readonly raw: 'passed' | 'collected'
}

/** An answer that is no JSON: sounds, which go on as they come, or the text of a transcript, which goes on once it is whole. */
export function createRawReceiver(input: RawInput, signals: StreamSignals): Receiver {
  const contentType = input.contentType === '' ? 'application/octet-stream' : input.contentType
  const form = { ...input, contentType }
  if (contentType.includes('html')) return createRefusal()
  return input.raw === 'passed' ? createPassing(form, signals) : createCollecting(form)
}

/** The page of a proxy, which no model wrote. */
function createRefusal(): Receiver {
  const refused = (): Ending => failedBy(unusable('the upstream answered 200 with a page'))
  return { data: refused, end: refused, usage: () => undefined, generatedBytes: () => 0 }
}

/** Its first byte decides who answers (law 10); a cut shows as one, since nothing is held back. */
function createPassing({ rules, reply, headers, contentType }: RawInput, signals: StreamSignals): Receiver {
  let size = 0
  return {
    data(chunk) {
      if (chunk.length === 0) return undefined
      const foul = size === 0 ? rules.witness?.({}, true) : undefined
      if (foul) return failedBy(foul)
      if (size === 0) reply.open({ ...headers(), 'content-type': contentType })
      size += chunk.length
      signals.wrote()
      if (!reply.content(chunk)) {
        signals.pause()
        reply.onDrain(() => signals.resume())
      }
      signals.content()
      return undefined
    },
    end: () => (size === 0 ? failedBy(unusable('the upstream gave an empty answer')) : { kind: 'answered', rest: '' }),
    usage: () => undefined,
    generatedBytes: () => size,
  }
}

/** Nobody spoke: such a transcript is empty, and whole. */
function createCollecting({ rules, contentType }: RawInput): Receiver {
  const body = createCollector(MAX_ANSWER_BYTES)
  let size = 0
  let usage: Usage | undefined
  return {
    data(chunk) {
      size += chunk.length
      return body.add(chunk) ? undefined : failedBy(unusable('the answer of the upstream is too large'))
    },
    end() {
      // Asked for text, some answer JSON all the same, and errors of theirs are JSON.
      const value = contentType.includes('json') ? parseJson(body.text()) : undefined
      const seen = isObject(value)
        ? rules.adapter.observe(value, { endpoint: rules.dialect.endpoint, stream: false })
        : undefined
      if (seen?.failure) return failedBy(seen.failure)
      usage = seen?.usage
      const foul = rules.witness?.(seen ?? {}, true)
      if (foul) return failedBy(foul)
      const { redactor, watch } = rules
      const rest = redactor ? encoder.encode(redactor.json(body.text())) : body.bytes()
      watch?.hear(decoder.decode(rest), isObject(value))
      return { kind: 'answered', rest, contentType }
    },
    usage: () => usage,
    generatedBytes: () => size,
  }
}
