import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { cut, reply, script, stream } from '#providers/demo/builders.ts'
import type { Script } from '#providers/demo/script.ts'
import type { MockServer } from './mock.ts'
import { startMock } from './mock.ts'

let mock: MockServer | undefined
afterEach(() => mock?.close())

/** What a bare socket sees of one request, and how its connection ends; `until`: hang up once this has arrived. */
async function exchange(given: Script, until?: string): Promise<{ text: string; error?: string }> {
  mock = await startMock({ script: given })
  const socket = connect(mock.port, '127.0.0.1')
  const body = JSON.stringify({ model: 'm', messages: [], stream: true })
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer sk-canary\r\ncontent-length: ${body.length}`
  socket.write(`${head}\r\n\r\n${body}`)
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
      if (until !== undefined && text.includes(until)) socket.destroy()
    })
    let error: string | undefined
    socket.on('error', (raised) => {
      error = 'code' in raised ? String(raised.code) : raised.message
    })
    socket.on('close', () => resolve({ text, ...(error === undefined ? {} : { error }) }))
  })
}

test('fin: closed in order, without the terminator', async () => {
  const seen = await exchange(script(cut(stream(['a', 'b']), { afterEvents: 2 })))
  expect(seen.error).toBeUndefined()
  expect(seen.text).toContain('"content":"a"')
  expect(seen.text).not.toContain('"content":"b"')
  expect(seen.text).not.toContain('\r\n0\r\n')
})

test('reset: by RST', async () => {
  expect(await exchange(script(cut(reply('x'), { beforeHead: true, how: 'reset' })))).toEqual({
    text: '',
    error: 'ECONNRESET',
  })
})

test('terminated: short, but in proper form', async () => {
  const answer = cut(stream(['a', 'b']), { afterEvents: 2, how: 'terminated' })
  const { text } = await exchange(script(answer), '\r\n0\r\n\r\n')
  expect(text).not.toContain('[DONE]')
})

test('bytes behind the end of the answer', async () => {
  const { text } = await exchange(
    script(stream(['a'], { wire: { behind: 'HTTP/1.1 200 OK\r\n\r\n' } })),
    '200 OK\r\n\r\n',
  )
  expect(text.endsWith('\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')).toBe(true)
})

test('what arrived can be read and forgotten, and holds no credential', async () => {
  await exchange(script(cut(reply('x'), { beforeHead: true })))
  const { port } = mock ?? { port: 0 }
  const ask = async (method: string) => {
    const response = await globalThis.fetch(`http://127.0.0.1:${port}/__requests`, { method })
    return response.text()
  }
  const seen = await ask('GET')
  expect(JSON.parse(seen)).toMatchObject([{ method: 'POST', body: { model: 'm' }, aborted: false }])
  expect(seen).not.toContain('sk-canary')
  expect(await ask('DELETE')).toBe('[]')
  expect(mock?.requests).toEqual([])
})

test('a bad script starts nothing', async () => {
  const bad = JSON.parse('{"answers":[{"rely":{}}]}')
  await expect(startMock({ script: bad })).rejects.toThrow('answers[0].rely: unknown field')
})
