import { ENDPOINTS } from './endpoint.ts'
import type { Json } from './json.ts'
import type { Key } from './key.ts'
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
}

/** A request that came in, by whom and when, as a `when` sees it. */
export function circumstancesOf(came: {
  readonly request: Pick<ApiRequest, 'endpoint' | 'model' | 'stream' | 'client' | 'tags' | 'metadata'>
  readonly signals: Signals
  readonly key?: Key | undefined
  readonly now: number
}): Circumstances {
  const { request, signals, key, now } = came
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
    key: { id: key?.id ?? '', tenant: key?.tenant ?? '', tags: key?.tags ?? [] },
    now,
  }
}
