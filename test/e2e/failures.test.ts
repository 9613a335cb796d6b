import { expect, test } from 'vitest'
import { startMock } from '#src/cli/mock.ts'
import { empty as emptyAnswer, reply, script, stall } from '#providers/demo/builders.ts'
import { localProvider, startGateway } from '../support/gateway.ts'

const ask = (url: string, more: object = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: '안녕' }], ...more }),
  })

test('the log says why each attempt failed, in words of our own', async () => {
  const closed = await startMock()
  await closed.close()
  const empty = await startMock({ script: script(emptyAnswer()) })
  const tutti = await startGateway({
    version: 1,
    providers: { closed: localProvider(closed.url), empty: localProvider(empty.url) },
    models: { chat: { targets: ['closed/tiny', 'empty/tiny'], retry: { attempts: 2 } } },
  })
  expect((await ask(tutti.url)).status).toBe(502)
  const { attempts } = await tutti.decision(0)
  expect(attempts.map(({ error, reason }) => [error, reason])).toEqual([
    ['upstream_error', 'connect_failed ECONNREFUSED'],
    ['upstream_error', 'the upstream gave an empty answer'],
  ])
  await tutti.close()
  await empty.close()
})

/** A gateway whose one target has `firstToken` ms for its first content. */
async function impatient(url: string, firstToken: string) {
  return startGateway({
    version: 1,
    providers: { slow: localProvider(url) },
    models: { chat: { targets: ['slow/tiny'], timeouts: { firstToken, total: '1h' }, retry: { attempts: 1 } } },
  })
}

test('a stream that never begins is a timeout, to the caller and in the log', async () => {
  const silent = await startMock({ script: script(stall(reply('x'), { beforeHead: true })) })
  const tutti = await impatient(silent.url, '30ms')
  expect((await ask(tutti.url, { stream: true })).status).toBe(504)
  expect(await tutti.decision(0)).toMatchObject({ status: 504, attempts: [{ outcome: 'timeout' }] })
  await tutti.close()
  await silent.close()
})

test('a whole answer is not held to the time of a first token, which it does not have', async () => {
  const slow = await startMock({ script: script({ ...reply('늦은 답'), timing: { headMs: 300 } }) })
  const tutti = await impatient(slow.url, '30ms')
  expect((await ask(tutti.url)).status).toBe(200)
  expect(await tutti.decision(0)).toMatchObject({ attempts: [{ outcome: 'answered' }] })
  await tutti.close()
  await slow.close()
})
