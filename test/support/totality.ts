import type { Account } from '#src/core/adapter.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import { FailureError } from '#src/core/failure.ts'
import { honour } from '#src/core/honour.ts'
import type { JsonObject } from '#src/core/json.ts'
import { dialects } from '#src/dialects/registry.ts'
import { LEAST, type DocumentedField, type FIELDS } from './documented-fields.ts'

export type Inbound = keyof typeof FIELDS

/** What became of a field. `lost` is what law 8 forbids. */
export type Fate = 'sent' | 'told' | 'refused' | 'lost'

const ACCOUNT: Account = {
  id: 'a',
  baseUrl: 'https://host.test/v1',
  apiKey: 'k',
  headers: {},
  settings: { awsRegion: 'us-east-1', project: 'p', location: 'us-central1' },
}

interface Sent {
  readonly body: string
  readonly warnings: readonly string[]
  readonly refused: boolean
}

/** What an upstream would be asked. */
function send(inbound: Inbound, members: JsonObject, { codec, model }: Spoken): Sent {
  const { path, body } = LEAST[inbound]
  const dialect = dialects[inbound]
  try {
    const request = dialect.read(JSON.stringify({ ...body, ...members }), { id: 'req_1', tags: [], metadata: {}, path })
    const conversation = dialect.translation?.read(request)
    if (!conversation) throw new TypeError(`${inbound} does not translate`)
    const { conversation: left, warnings, refusals } = honour(conversation, codec, model)
    if (refusals.length > 0) return { body: '', warnings, refused: true }
    const encoded = codec.encode({ conversation: left, model, account: ACCOUNT, stream: false })
    return { body: encoded.upstream.body ?? '', warnings: [...warnings, ...encoded.warnings], refused: false }
  } catch (error) {
    if (error instanceof FailureError && error.failure.status === 400) return { body: '', warnings: [], refused: true }
    throw error
  }
}

export interface Spoken {
  readonly codec: ConversationCodec
  readonly model: string
}

/** A field has been sent where the upstream's request is another one with it; else the caller must have been told, or refused. */
export function fateOf(inbound: Inbound, { set, unset = {} }: DocumentedField, spoken: Spoken): Fate {
  const [now, before] = [send(inbound, set, spoken), send(inbound, unset, spoken)]
  if (now.refused) return 'refused'
  const news = ({ warnings }: Sent): boolean => now.warnings.some((warning) => !warnings.includes(warning))
  if (news(before)) return 'told'
  if (now.body !== before.body) return 'sent'
  // What stands inside a member that is left out is told with it.
  return news(send(inbound, {}, spoken)) ? 'told' : 'lost'
}
