// The load generator: a closed loop over undici, bounded in count and time. `node bench/load.ts`
import { Pool, type Dispatcher } from 'undici'
import { credentialOf, MODEL, type Load, type LoadResult } from './protocol.ts'

const DONE = Buffer.from('[DONE]')
/** An answer that does not move for so long has failed, in ms. */
const STUCK_MS = 10_000

interface Answer {
  readonly bytes: number
  readonly failure?: string
}

/** A chat request of this many bytes; the text is ASCII. */
function bodyOf(bytes: number, stream: boolean): string {
  const write = (content: string): string =>
    JSON.stringify({ model: MODEL, messages: [{ role: 'user', content }], max_tokens: 256, temperature: 0.5, stream })
  return write(
    'The quick brown fox jumps over it. '.repeat(Math.ceil(bytes / 35)).slice(0, Math.max(1, bytes - write('').length)),
  )
}

function ask(pool: Pool, options: Dispatcher.DispatchOptions, stream: boolean): Promise<Answer> {
  return new Promise((resolve) => {
    let status = 0
    let bytes = 0
    let last: Buffer | undefined
    pool.dispatch(options, {
      onRequestStart() {},
      onResponseStart(_controller, code) {
        status = code
      },
      onResponseData(_controller, chunk) {
        bytes += chunk.length
        last = chunk
      },
      onResponseEnd() {
        const whole = status === 200 && bytes > 0 && (!stream || last?.includes(DONE) === true)
        resolve(whole ? { bytes } : { bytes, failure: `${status} ${last?.toString().slice(0, 300)}` })
      },
      onResponseError: (_controller, error) => resolve({ bytes, failure: error.message }),
    })
  })
}

async function run(load: Load): Promise<LoadResult> {
  const { origin, pathname } = new URL(load.url)
  const pool = new Pool(origin, { connections: load.concurrency, headersTimeout: STUCK_MS, bodyTimeout: STUCK_MS })
  const headers = { 'content-type': 'application/json', ...load.headers }
  const body = bodyOf(load.bodyBytes, load.stream)
  const optionsFor = (request: number): Dispatcher.DispatchOptions => {
    const authorization = `Bearer ${credentialOf(request % load.callers)}`
    return { path: pathname, method: 'POST', headers: { ...headers, authorization }, body }
  }
  const latencies: number[] = []
  let [started, failed, bytes] = [0, 0, 0]
  let firstFailure: string | undefined
  const begin = performance.now()
  const client = async (): Promise<void> => {
    while (started < load.count && performance.now() - begin < load.ms) {
      const options = optionsFor(started++)
      const sent = performance.now()
      const answer = await ask(pool, options, load.stream)
      latencies.push(performance.now() - sent)
      bytes += answer.bytes
      if (answer.failure === undefined) continue
      failed++
      firstFailure ??= answer.failure
    }
  }
  await Promise.all(Array.from({ length: load.concurrency }, client))
  const ms = performance.now() - begin
  await pool.close()
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0
  return {
    requests: started,
    failed,
    bytes,
    ms,
    p50: at(0.5),
    p99: at(0.99),
    ...(firstFailure !== undefined && { firstFailure }),
  }
}

process.on('message', (load: Load) => void run(load).then((result) => process.send?.(result)))
process.on('disconnect', () => process.exit())
