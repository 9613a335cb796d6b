import OpenAI from 'openai'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { createGateway, type TuttiGateway } from '#src/index.ts'

/** A request as an upstream gets it. */
export interface Sent {
  readonly host: string
  readonly path: string
  readonly headers: Headers
  readonly body: Uint8Array
}

/** A gateway in this process whose upstreams are one function. */
export interface Embedded {
  readonly gateway: TuttiGateway
  /** The official client before it. */
  readonly client: OpenAI
  readonly sent: readonly Sent[]
  /** Every decision, parsed from its line. */
  readonly log: readonly JsonObject[]
  /** Every line that is no decision. */
  readonly events: readonly JsonObject[]
}

export async function startEmbedded(
  config: object,
  answer: (sent: Sent) => Response | Promise<Response>,
): Promise<Embedded> {
  const log: JsonObject[] = []
  const events: JsonObject[] = []
  const sent: Sent[] = []
  const gateway = await createGateway(config, {
    log: (line) => {
      const record = parseJson(line)
      if (isObject(record)) ('event' in record ? events : log).push(record)
    },
    fetch: async (url, init) => {
      const { hostname, pathname } = new URL(url)
      const body = new Uint8Array(await new Response(init.body).arrayBuffer())
      const one = { host: hostname, path: pathname, headers: new Headers(init.headers), body }
      sent.push(one)
      return answer(one)
    },
  })
  const client = new OpenAI({
    baseURL: 'http://tutti/v1',
    apiKey: 'sk-app',
    maxRetries: 0,
    fetch: (url, init) => gateway.fetch(new Request(url instanceof Request ? url : String(url), init)),
  })
  return { gateway, client, sent, log, events }
}

const FACTS = { developer: 'tutti-test', lineage: [], price: { input: 10, output: 20 } }

function host(name: string): object {
  return {
    type: 'openai-compatible',
    baseUrl: `https://${name}.example/v1`,
    apiKey: `sk-${name}`,
    models: {
      loud: FACTS,
      denied: FACTS,
      measured: { ...FACTS, maxOutput: 1000 },
      reader: { ...FACTS, capabilities: ['chat'] },
    },
  }
}

/** Two hosts that have everything, an alias over one, one over both, and one over what is denied. */
export const TWO_HOSTS = {
  version: 1,
  providers: { one: host('one'), two: host('two') },
  models: {
    alias: { targets: ['one/loud'] },
    both: { targets: ['one/loud', 'two/loud'], retry: { attempts: 2 } },
    forbidden: { targets: ['one/denied', 'two/denied'] },
  },
  policies: [{ name: 'no-denied', deny: { model: 'denied' }, reason: 'not here' }],
}

/** What a server reads of a form, by the runtime's own reader. */
export function formOf({ headers, body }: Sent): Promise<FormData> {
  const type = headers.get('content-type') ?? ''
  return new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
}

export async function bytesOf(file: FormDataEntryValue | null): Promise<Uint8Array> {
  return file instanceof File ? new Uint8Array(await file.arrayBuffer()) : new Uint8Array()
}
