import { ENDPOINTS } from './endpoint.ts'
import type { Json } from './json.ts'
import { subjectOf, type Key } from './key.ts'
import { typesIn, type Findings, type PiiType } from './pii/types.ts'
import type { ApiRequest, Client, Signals } from './request.ts'

/**
 * What a `when` may read of one request: as it arrived, and nothing of what is written in it. Names are those of the file, so that this
 * table is the whole of what an operator can ask for.
 */
export interface Circumstances {
  readonly request: {
    /** The name as the caller wrote it. */
    readonly model: string
    /** The path by its template: `/v1/chat/completions`. */
    readonly endpoint: string
    readonly stream: boolean
    /** Estimate. */
    readonly input_tokens: number
    /** Answers asked for. */
    readonly choices: number
    /** Capabilities that the request needs: `chat`, `tools`, `images`... */
    readonly needs: readonly string[]
    /** From `x-tutti-tags`. */
    readonly tags: readonly string[]
    /** From `x-tutti-metadata`. */
    readonly metadata: Readonly<Record<string, Json>>
  }
  /** Empty texts and an empty list where nobody needs a key. */
  readonly key: { readonly id: string; readonly tenant: string; readonly tags: readonly string[] }
  /** What is not known is not there. */
  readonly client: Client
  /** ms since 1970: when the request came. */
  readonly now: number
  /** Personal data in the request's texts; absent: nobody looked, or it could not be looked for. */
  readonly pii?: {
    readonly found: boolean
    /** `kr_rrn`, `phone`..., sorted. */
    readonly types: readonly string[]
    /** Those of them that no `redact` takes out of this request. */
    readonly left: readonly string[]
    /** Something is there that nobody can look into. */
    readonly unscannable: boolean
  }
}

/** A request that came in, by whom and when, as a `when` sees it. */
export function circumstancesOf(came: {
  readonly request: Pick<ApiRequest, 'endpoint' | 'model' | 'stream' | 'client' | 'tags' | 'metadata'>
  readonly signals: Signals
  readonly key?: Key | undefined
  readonly now: number
  /** What `redact` takes out. */
  readonly redacted?: ReadonlySet<PiiType> | undefined
}): Circumstances {
  const { request, signals, key, now, redacted } = came
  return {
    request: {
      model: request.model,
      endpoint: ENDPOINTS[request.endpoint],
      stream: request.stream,
      input_tokens: Math.ceil(signals.inputTokens),
      choices: signals.choices,
      needs: signals.needs.map(({ capability }) => capability),
      tags: request.tags,
      metadata: request.metadata,
    },
    client: request.client ?? {},
    key: { id: (key && subjectOf(key).id) ?? '', tenant: key?.tenant ?? '', tags: key?.tags ?? [] },
    now,
    ...(signals.pii && { pii: piiOf(signals.pii, redacted) }),
  }
}

function piiOf(
  { counts, unscannable }: Findings,
  redacted: ReadonlySet<PiiType> = new Set(),
): Required<Circumstances>['pii'] {
  const types = typesIn({ counts })
  return { found: types.length > 0, types, left: types.filter((type) => !redacted.has(type)), unscannable }
}
