import { isObject, numberAt, stringAt, type Json } from '#src/core/json.ts'
import type { ErrorReply } from './script.ts'
import type { StreamEvent } from './framing.ts'
import type { ErrorForm } from './surface.ts'

/** What a vendor's way of telling errors is made of. */
interface ErrorParts {
  readonly requestIdHeader?: string
  readonly whole: ErrorForm['whole']
  /** What an error in a stream looks like, where not as a refusal's body. */
  readonly event?: (error: ErrorReply, after: number) => StreamEvent
  readonly unknownModel: ErrorForm['unknownModel']
}

/** A form in which a script's error, of whatever status it speaks, is written as the vendor would. */
export function errorForm({ requestIdHeader = 'x-request-id', whole, event, unknownModel }: ErrorParts): ErrorForm {
  const plain = (error: ErrorReply): StreamEvent => ({ json: whole(error, '').body, generated: false })
  return {
    requestIdHeader,
    whole,
    inside: (error, id) => whole(errorOf(error), id).body,
    events: (error, { after }) => [(event ?? plain)(errorOf(error), after)],
    unknownModel,
  }
}

/** An error of a stream as one with a status: what it says of it itself, else what its kind would have. */
export function errorOf(error: Json): ErrorReply {
  if (!isObject(error)) return { status: 500, message: typeof error === 'string' ? error : JSON.stringify(error) }
  const [type, code] = [stringAt(error, 'type'), error['code']]
  const named = numberAt(error, 'status') ?? numberAt(error, 'code')
  const kind = `${type ?? ''} ${typeof code === 'string' ? code : ''}`.toLowerCase()
  const status = named !== undefined && named >= 400 && named <= 599 ? named : statusOf(kind)
  return {
    status,
    message: stringAt(error, 'message') ?? JSON.stringify(error),
    // OpenAI's word for what has no other: what `failInside` writes for a bare message.
    ...(type !== undefined && type !== 'server_error' && { type }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
  }
}

const STATUSES: readonly (readonly [string, number])[] = [
  ['rate', 429],
  ['throttl', 429],
  ['exhausted', 429],
  ['overloaded', 529],
  ['unavailable', 503],
  ['timeout', 504],
  ['invalid', 400],
  ['validation', 400],
]

function statusOf(kind: string): number {
  return STATUSES.find(([word]) => kind.includes(word))?.[1] ?? 500
}
