import type { Clock } from '#src/core/clock.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { FakeClock } from './fake-clock.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** A host that keeps prompts by model and key for five minutes from when they were last said, and charges by what it reports of that. */
export interface CachingUpstream extends Pick<Upstream, 'close' | 'url'> {
  /** Set by tests; `reset` puts it back. */
  readonly ways: Ways
  reset(): void
}

interface Ways {
  /** Models or credentials that are out of order, and for how many seconds they want to be left alone. */
  readonly down: Map<string, number>
  /** Models whose answer is empty, which is none. */
  readonly silent: Set<string>
  /** `unasked`: whatever comes is cached; `told`: the host says how much of it, too; `never`: nothing is. */
  kind: 'unasked' | 'told' | 'never'
  /** ms that an answer takes. */
  slowBy: number
  /** What is written is kept for an hour. */
  hours: boolean
  /** What it has. */
  kept: { readonly model: string; readonly key: string; readonly until: number; readonly text: string }[]
}

const MINUTE = 60_000
const JSON_TYPE = { 'content-type': 'application/json' }

export async function startCachingUpstream(clock: FakeClock): Promise<CachingUpstream> {
  const ways: Ways = { down: new Map(), silent: new Set(), kind: 'unasked', slowBy: 0, hours: false, kept: [] }
  const upstream = await startUpstream(({ body, headers, path }, response) => {
    const [model, key] = [String(body['model']), String(headers['authorization'])]
    const seconds = ways.down.get(model) ?? ways.down.get(key)
    if (seconds !== undefined) {
      response.writeHead(503, { ...JSON_TYPE, 'retry-after': String(seconds) })
      return void response.end(JSON.stringify({ error: { message: 'down', type: 'server_error' } }))
    }
    clock.advance(ways.slowBy)
    const counted = countedOf(ways, clock, { model, key, text: JSON.stringify(body['messages']).slice(0, -1) })
    response.writeHead(200, JSON_TYPE)
    const answer = path.endsWith('/messages') ? message(counted, ways) : completion(model, counted, ways)
    response.end(JSON.stringify(answer))
  })
  return {
    url: upstream.url,
    close: () => upstream.close(),
    ways,
    reset: () =>
      void Object.assign(ways, {
        down: new Map(),
        silent: new Set(),
        kind: 'unasked',
        slowBy: 0,
        hours: false,
        kept: [],
      }),
  }
}

/** Tokens. */
interface Counted {
  readonly all: number
  readonly read: number
  readonly written: number
}

function countedOf(
  { kept, kind, hours }: Ways,
  clock: Pick<Clock, 'now'>,
  { model, key, text }: { readonly model: string; readonly key: string; readonly text: string },
): Counted {
  const own = kept.filter((one) => one.model === model && one.key === key && one.until > clock.now())
  const hit = own.findLast((one) => text.startsWith(one.text))
  if (kind !== 'never') kept.push({ model, key, until: clock.now() + (hours ? 60 : 5) * MINUTE, text })
  const [all, read] = [tokens(text), tokens(hit?.text)]
  return { all, read, written: kind === 'never' ? 0 : all - read }
}

function tokens(text = ''): number {
  return Math.ceil(text.length / 4)
}

function completion(model: string, { all, read, written }: Counted, { kind, silent }: Ways): JsonObject {
  const content = silent.has(model) ? '' : 'an answer'
  return {
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: all,
      completion_tokens: 2,
      prompt_tokens_details: { cached_tokens: read, ...(kind === 'told' && { cache_write_tokens: written }) },
    },
  }
}

function message({ all, read, written }: Counted, { hours }: Ways): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [{ type: 'text', text: 'an answer' }],
    stop_reason: 'end_turn',
    usage: {
      input_tokens: all - read - written,
      output_tokens: 2,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: written,
      cache_creation: {
        ephemeral_5m_input_tokens: hours ? 0 : written,
        ephemeral_1h_input_tokens: hours ? written : 0,
      },
    },
  }
}
