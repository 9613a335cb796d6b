import type { HttpHandler } from 'msw'
import { getResponse, http, HttpResponse } from 'msw'
import type { Clock } from '#src/core/clock.ts'
import { respondInAll } from '#providers/demo/all-surfaces.ts'
import { parseScript } from '#providers/demo/parse-script.ts'
import type { RecordedRequest } from '#providers/demo/recorder.ts'
import { createRecorder } from '#providers/demo/recorder.ts'
import { createScriptedFetch } from '#providers/demo/scripted-fetch.ts'
import type { Script } from '#providers/demo/script.ts'
import { DEFAULT_SCRIPT } from '#providers/demo/script.ts'
import { systemClock } from '#src/system-clock.ts'

export interface MockOptions {
  /** Default: well-behaved endpoints of every dialect. */
  readonly script?: Script
  /**
   * Where the mocked providers answer, each path in its own dialect. Default `https://api.openai.com/v1`; of other clients by themselves
   * `https://api.anthropic.com`, `https://generativelanguage.googleapis.com`, `https://bedrock-runtime.us-east-1.amazonaws.com`, `https://api.cohere.com`.
   */
  readonly baseUrl?: string | readonly string[]
  /** Two mocks with one seed do the same. */
  readonly seed?: string
  /** Time for waits and `created`. Default: the machine's. */
  readonly clock?: Clock
}

export interface MockProviders {
  /** For an app's own msw server: `setupServer(...handlers)`. */
  readonly handlers: readonly HttpHandler[]
  /** A fetch that knows these providers and nothing else; it never reaches the network. Rejects with TypeError like fetch does. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  /** What arrived, in order. */
  readonly requests: readonly RecordedRequest[]
}

/** Providers that follow a script instead of asking a model. Throws ScriptError when the script is wrong. */
export function mockProviders(options: MockOptions | Script = {}): MockProviders {
  const settings = 'answers' in options ? { script: options } : options
  const recorder = createRecorder()
  const answer = createScriptedFetch(parseScript(settings.script ?? DEFAULT_SCRIPT), {
    clock: settings.clock ?? systemClock,
    respond: respondInAll,
    ...(settings.seed === undefined ? {} : { seed: settings.seed }),
    onRequest: (request) => recorder.add(request),
  })
  const handlers = baseUrls(settings).map((base) => http.all(`${base}/*`, ({ request }) => resolve(answer, request)))
  return { handlers, fetch: (input, init) => ask(handlers, new Request(input, init)), requests: recorder.requests }
}

function baseUrls(options: MockOptions): readonly string[] {
  const written = options.baseUrl ?? 'https://api.openai.com/v1'
  const urls = typeof written === 'string' ? [written] : written
  return urls.map((url) => (url.endsWith('/') ? url.slice(0, -1) : url))
}

/** msw turns what a resolver throws into a 500: a broken connection has to be said in its own way. */
async function resolve(answer: (request: Request) => Promise<Response>, request: Request): Promise<Response> {
  try {
    return await answer(request)
  } catch (error) {
    if (request.signal.aborted) throw error
    return HttpResponse.error()
  }
}

async function ask(handlers: readonly HttpHandler[], request: Request): Promise<Response> {
  const response = await getResponse([...handlers], request)
  if (response === undefined) throw new TypeError(`no mocked provider answers at \`${request.url}\``)
  if (response.type === 'error') throw new TypeError('fetch failed')
  return response
}
