import type { Adapter } from '#src/core/adapter.ts'
import { isObject, parseJson, type Json } from '#src/core/json.ts'

/** What an adapter sends for a chat request with these members: for the vendors' tests. */
export function send(adapter: Adapter, members: string, { askUsage = false, baseUrl = 'https://host.test/v1' } = {}) {
  const text = `{"model":"alias",${members}}`
  const body = parseJson(text)
  if (!isObject(body)) throw new SyntaxError(`not an object: \`${text}\``)
  const { upstream, warnings } = adapter.encode({
    request: {
      id: 'r',
      endpoint: 'chat',
      text,
      body,
      model: 'alias',
      stream: body['stream'] === true,
      wantsUsage: false,
      tags: [],
      metadata: {},
    },
    model: 'm',
    account: { id: 'a', baseUrl, apiKey: 'k', headers: {} },
    askUsage,
  })
  const sent: Json | undefined = parseJson(upstream.body ?? '')
  return { body: sent, headers: upstream.headers, warnings }
}
