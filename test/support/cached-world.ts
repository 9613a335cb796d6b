import type { StateStore } from '#src/core/state-store.ts'
import { BODY, openRepeats, whole, type Answering, type Asking } from './repeats-world.ts'

/** A name that keeps its answers, before providers that a test answers for. */
export const CACHE = { ttl: '1h' }
export const CACHED = { models: { chat: { targets: ['one/m', 'two/m'], retry: { attempts: 1 }, cache: CACHE } } }
export const STREAM = { ...BODY, stream: true, stream_options: { include_usage: true } }

/** A whole stream that says which it is. */
export const streamed: Answering = (count) => {
  const events = [
    { model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: `답 ${count}` } }] },
    { model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { model: 'm', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
  ]
  const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
  return new Response(`${text}data: [DONE]\n\n`, { headers: { 'content-type': 'text/event-stream' } })
}

export const either: Answering = (count, body, url) => (body['stream'] === true ? streamed : whole)(count, body, url)

export async function openCached(answer: Answering = either, more: object = {}, store?: StateStore) {
  const world = await openRepeats(answer, { ...CACHED, ...more }, store)
  /** `hit` or `miss`, and the status where it is no 200. */
  const said = async (one: Asking): Promise<string | null> => {
    const response = await world.ask(one)
    await response.text()
    return response.status === 200 ? response.headers.get('x-tutti-cache') : String(response.status)
  }
  return { ...world, said }
}
