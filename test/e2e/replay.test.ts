// `tutti replay` over the log of a gateway that served: what it wrote, read back from a file.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProgramRuntime } from '#src/cli/runtime.ts'
import { sha256, startGateway } from '../support/gateway.ts'
import { runProgram } from '../support/program.ts'

const OLD = `version: 1
providers:
  demo: { type: demo, models: { cheap: { developer: kakao, price: { input: 1, output: 1 } }, good: { developer: openai, price: { input: 2, output: 2 } } } }
models:
  chat: { targets: [demo/cheap, demo/good], strategy: cheapest }
  alone: { targets: [demo/cheap] }
keys:
  - { id: app, sha256: "${sha256('sk-app')}", budget: { usd: 100, per: total } }
  - { id: web, sha256: "${sha256('sk-web')}" }
`
const DENY = `${OLD}policies:\n  - { name: no-kakao, deny: { developer: kakao }, reason: not this one }\n`
const DEARER = OLD.replace('input: 1, output: 1', 'input: 3, output: 3')

/** Who asks for what. */
const ASKED = [
  ['sk-app', 'chat'],
  ['sk-app', 'chat'],
  ['sk-web', 'chat'],
  ['sk-web', 'alone'],
  ['sk-app', 'chut'],
] as const

let folder: string
let log: string
let lines: readonly string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-replay-'))
  const tutti = await startGateway(OLD)
  for (const [key, model] of ASKED) {
    await fetch(`${tutti.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'sesame' }] }),
    })
  }
  await tutti.decision(ASKED.length - 1)
  lines = tutti.decisions.map((decision) => JSON.stringify(decision))
  await tutti.close()
  log = await file('log.jsonl', `tutti serves http://127.0.0.1:1\n\n{"event":"start"}\n${lines.join('\n')}\n`)
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const run = (args: readonly string[], more: Partial<ProgramRuntime> = {}) => runProgram(['replay', ...args], more)

async function replayed(config: string, ...more: readonly string[]) {
  const { code, out } = await run(['-c', await file('new.yaml', config), log, '--json', ...more])
  return { code, report: JSON.parse(out) }
}

describe('tutti replay', () => {
  test('the log holds no prompt', () => {
    expect(lines).toHaveLength(ASKED.length)
    expect(lines.join('\n')).not.toContain('sesame')
  })

  test('through the same file nothing changes', async () => {
    const { code, report } = await replayed(OLD)
    expect(code).toBe(0)
    expect(report).toMatchObject({ total: 5, unchanged: 5, skipped_lines: 2, without_inputs: 0 })
    expect(report.cost_usd.before).toBeGreaterThan(0)
    expect(report.cost_usd.after).toBe(report.cost_usd.before)
  })

  test('a rule: who moves, who is left without a target, by which rule, at what cost: 3', async () => {
    const { code, report } = await replayed(DENY)
    expect(code).toBe(3)
    expect(report).toMatchObject({
      unchanged: 1,
      moved: { count: 3, by: [{ from: 'demo/cheap', to: 'demo/good', count: 3 }] },
      newly_denied: { count: 1, by_rule: [{ rule: 'no-kakao', count: 1 }] },
      stranded: { count: 1, by_code: [{ code: 'policy_denied', count: 1 }] },
    })
    const [id] = report.newly_denied.examples
    expect(lines[3]).toContain(`"request_id":"${id}"`)
    const { before, after } = report.cost_usd.by_model.find(({ model }: { model: string }) => model === 'chat')
    expect(after).toBe(before * 2)
  })

  test('a price: requests move, none is lost: 0', async () => {
    const { code, report } = await replayed(DEARER)
    expect(code).toBe(0)
    expect(report).toMatchObject({ unchanged: 2, moved: { count: 3 }, stranded: { count: 0 } })
  })

  test('against another file: what that one would have done is what is compared with', async () => {
    const against = await file('old.yaml', DENY)
    expect(await replayed(DENY, '--against', against)).toMatchObject({ code: 0, report: { unchanged: 5 } })
    const back = await replayed(OLD, '--against', against)
    expect(back).toMatchObject({ code: 0, report: { moved: { count: 3 }, newly_allowed: { count: 1 } } })
    expect(back.report.against).not.toBe(back.report.epoch)
  })

  test('a key that the new file has no more: its requests are named and left without a target', async () => {
    const { code, report } = await replayed(OLD.replace('id: web', 'id: www'))
    expect(code).toBe(3)
    expect(report).toMatchObject({
      unknown_key: [{ key: 'web', count: 2 }],
      stranded: { count: 2, by_code: [{ code: 'unknown_key', count: 2 }] },
      newly_denied: { count: 0 },
    })
  })

  test('for people: the same in words', async () => {
    const { out } = await run(['-c', await file('new.yaml', DENY), log])
    for (const said of ['5 requests of', 'demo/cheap → demo/good: 3', 'left without a target: 1', 'no-kakao: 1'])
      expect(out).toContain(said)
    expect(out).toContain('key app: ')
  })

  test('decisions of a version that logged too little are counted, not guessed', async () => {
    const { inputs: _inputs, ...rest } = JSON.parse(lines[0] ?? '')
    const old = await file('early.jsonl', JSON.stringify({ ...rest, inputs: { seed: 's' } }))
    const { code, out } = await run(['-c', await file('new.yaml', OLD), old, '--json'])
    expect({ code, report: JSON.parse(out) }).toMatchObject({ code: 0, report: { total: 0, without_inputs: 1 } })
  })

  test('bad input is 1, and says where', async () => {
    const config = await file('new.yaml', OLD)
    const broken = await file('broken.jsonl', `${lines[0]}\n{"outcome":`)
    expect(await run(['-c', config, broken])).toMatchObject({ code: 1, err: expect.stringContaining(`${broken}:2: `) })
    const bad = await file('bad.yaml', OLD.replace('version: 1', 'version: 2'))
    expect(await run(['-c', bad, log])).toMatchObject({ code: 1, err: expect.stringContaining(`${bad}:1:10: `) })
    expect((await run(['-c', config, '--against', bad, log])).code).toBe(1)
    const nothing = await run(['-c', config, join(folder, 'nothing.jsonl')])
    expect(nothing).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read') })
    for (const args of [[log], ['-c', config], ['-c', config, log, log]]) expect((await run(args)).code).toBe(1)
  })

  test('long work says how far it is, where somebody watches', async () => {
    const long = await file('long.jsonl', `${lines[0]}\n`.repeat(5000))
    const said: string[] = []
    const config = await file('new.yaml', OLD)
    const { code } = await run(['-c', config, long], { progress: (text) => void said.push(text) })
    expect({ code, said }).toEqual({ code: 0, said: ['5000 requests replayed', ''] })
  })
})
