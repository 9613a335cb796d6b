import { expect, test } from 'vitest'
import { startMock } from '#src/cli/mock.ts'
import { empty as emptyAnswer, script } from '#providers/demo/builders.ts'
import { localProvider, startGateway } from '../support/gateway.ts'

const ask = (url: string) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: '안녕' }] }),
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
