import { createGateway } from '#src/index.ts'

/** What of a person may not show up anywhere, and everywhere where it might. */

/** A resident number of nobody, as people write one; its digits in one piece are in no other text of these tests. */
export const CANARY = '900101-1234568'
const DIGITS = '9001011234568'
export const fullWidth = (text: string): string =>
  text.replaceAll(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))
export const SPELLINGS = [
  CANARY,
  fullWidth(CANARY),
  [...CANARY].join('\u200b'),
  CANARY.replace('-', ' – '),
  JSON.stringify({ id: CANARY }),
  JSON.stringify({ args: JSON.stringify({ id: CANARY }) }),
]

/** Whether a text still holds it, under any of these spellings. */
export function holds(text: string): boolean {
  let plain = ''
  for (const char of text.normalize('NFKC')) if (char >= '0' && char <= '9') plain += char
  return plain.includes(DIGITS)
}

export const FACTS = { developer: 'tutti-test', lineage: [], price: { input: 10, output: 20 } }
export const PROVIDERS = {
  openai: { apiKey: 'sk-a', baseUrl: 'https://openai.example/v1', models: { m: FACTS } },
  anthropic: { apiKey: 'sk-a', baseUrl: 'https://anthropic.example/v1', models: { m: FACTS } },
  gemini: { apiKey: 'sk-a', baseUrl: 'https://gemini.example/v1beta', models: { m: FACTS } },
}
export const REDACT = { name: 'no-numbers', redact: { types: 'all', unscannable: 'allow' } }

interface Asking {
  readonly path?: string
  readonly body: object
  /** More providers. */
  readonly more?: object
}

interface Seen {
  readonly status: number
  /** All that left: to the upstream, to the caller, to the operator. */
  readonly upstream: string
  readonly caller: string
  readonly operator: string
}

/** An upstream that refuses and repeats what it was sent would be the worst of all. */
export const refuse = () =>
  Response.json({ error: { message: `bad request: ${CANARY}`, type: 'x', code: 'y', param: CANARY } }, { status: 400 })

/** Sends one request and collects everything that it left anywhere. */
export async function ask(
  policies: readonly object[],
  { path = '/v1/chat/completions', body, more = {} }: Asking,
  answer: () => Response = refuse,
): Promise<Seen> {
  const upstream: string[] = []
  const log: string[] = []
  const gateway = await createGateway(
    { version: 1, providers: { ...PROVIDERS, ...more }, policies, metrics: { auth: 'none' } },
    {
      log: (line) => log.push(line),
      async fetch(url, init) {
        upstream.push(url, JSON.stringify([...new Headers(init.headers)]), await new Response(init.body).text())
        return answer()
      },
    },
  )
  const response = await gateway.fetch(
    new Request(`http://tutti${path}`, { method: 'POST', body: JSON.stringify(body) }),
  )
  const caller = `${JSON.stringify([...response.headers])}\n${await response.text()}`
  const metrics = await (await gateway.fetch(new Request('http://tutti/-/metrics'))).text()
  return { status: response.status, upstream: upstream.join('\n'), caller, operator: log.join('\n') + metrics }
}
