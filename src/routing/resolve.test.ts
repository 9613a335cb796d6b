import { expect, test } from 'vitest'
import { makeKey, makeRoute, makeRule, makeSnapshot, makeTarget } from '../../test/support/world.ts'
import { resolve } from './resolve.ts'

const kanana = makeTarget('seoul/kanana')
const luna = makeTarget('openai/gpt-6-luna')
const azure = makeTarget('azure/my-deployment', { adapter: { modelsMustBeDeclared: true } })
const routes = [makeRoute('chat', [kanana, luna]), makeRoute('demo/cheap', [kanana])]
const snapshot = makeSnapshot({ routeList: routes, targetList: [kanana, luna, azure] })

function ids(resolution: ReturnType<typeof resolve>): readonly string[] | string {
  return 'failure' in resolution ? resolution.failure.message : resolution.targets.map(({ target }) => target.id)
}

test('a route wins, its name may hold slashes, and case counts', () => {
  expect(ids(resolve(snapshot, undefined, 'chat'))).toEqual(['seoul/kanana', 'openai/gpt-6-luna'])
  expect(ids(resolve(snapshot, undefined, 'demo/cheap'))).toEqual(['seoul/kanana'])
  expect(ids(resolve(snapshot, undefined, 'Chat'))).toContain('does not exist')
})

test('provider and model are split at the first slash', () => {
  expect(ids(resolve(snapshot, undefined, 'openai/gpt-6-luna'))).toEqual(['openai/gpt-6-luna'])
  expect(ids(resolve(snapshot, undefined, 'seoul/a/b'))).toEqual(['seoul/a/b'])
  for (const name of ['', '/', 'seoul/', '/kanana', 'nobody/x', '__proto__/x', 'gpt-6-luna', ' chat']) {
    expect(ids(resolve(snapshot, undefined, name))).toContain('does not exist')
  }
})

test('direct false forbids what is no route', () => {
  const closed = makeSnapshot({ routeList: routes, direct: false })
  expect(ids(resolve(closed, undefined, 'openai/gpt-6-luna'))).toContain('does not exist')
  expect(ids(resolve(closed, undefined, 'chat'))).toHaveLength(2)
})

test('where a name says nothing of the model, only what the file writes exists', () => {
  expect(ids(resolve(snapshot, undefined, 'azure/my-deployment'))).toEqual(['azure/my-deployment'])
  expect(ids(resolve(snapshot, undefined, 'azure/other'))).toContain('does not exist')
})

test('a mark by which the host routes on is for the file only', () => {
  const written = makeTarget('hub/llama:fast', { adapter: { steeringMarks: [':'] } })
  const hub = makeSnapshot({ targetList: [written] })
  expect(ids(resolve(hub, undefined, 'hub/llama:fast'))).toEqual(['hub/llama:fast'])
  expect(ids(resolve(hub, undefined, 'hub/llama:elsewhere'))).toContain('does not exist')
  expect(ids(resolve(hub, undefined, 'hub/llama'))).toEqual(['hub/llama'])
})

test('a granted route grants its targets through the route only', () => {
  const key = makeKey('team-a', { models: ['chat'] })
  expect(ids(resolve(snapshot, key, 'chat'))).toHaveLength(2)
  expect(ids(resolve(snapshot, key, 'seoul/kanana'))).toContain('does not exist')
  expect(ids(resolve(snapshot, makeKey('team-b', { models: ['openai/*'] }), 'openai/gpt-6-luna'))).toHaveLength(1)
})

test('unknown and not permitted read alike, and only permitted names are offered', () => {
  const key = makeKey('team-a', { models: ['chat'] })
  const text = (name: string) => String(ids(resolve(snapshot, key, name))).replace(name, 'NAME')
  expect(text('openai/gpt-6-luna')).toBe(text('openai/gpt-6-moon'))
  expect(text('chut')).toContain('did you mean `chat`?')
  expect(text('demo/cheep')).not.toContain('demo/cheap')
})

test('a bare upstream id is no name, but finds the nearest', () => {
  const resolution = resolve(snapshot, undefined, 'gpt-6-luna')
  expect(resolution).toMatchObject({ failure: { status: 404, code: 'model_not_found', param: 'model' } })
  expect(ids(resolution)).toContain('did you mean `openai/gpt-6-luna`?')
})

test('a name of which the rules leave nothing is not offered', () => {
  const ruled = makeSnapshot({ routeList: routes, rules: [makeRule('no', ['seoul/kanana'])] })
  expect(ids(resolve(ruled, undefined, 'demo/cheep'))).not.toContain('demo/cheap')
  expect(ids(resolve(ruled, undefined, 'chut'))).toContain('`chat`')
})

test('a name of a megabyte stays cheap and is shown cut', () => {
  expect(String(ids(resolve(snapshot, undefined, 'x'.repeat(1_000_000)))).length).toBeLessThan(300)
})

test('a direct target that the file does not write is made once', () => {
  const first = resolve(snapshot, undefined, 'seoul/new')
  const second = resolve(snapshot, undefined, 'seoul/new')
  expect('targets' in first && 'targets' in second && first.targets[0]?.target === second.targets[0]?.target).toBe(true)
})
