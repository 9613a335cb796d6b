// `tutti test`: what it prints and how it exits, in this process and without a provider.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../support/program.ts'

const CONFIG = `version: 1
providers:
  demo:
    type: demo
    models:
      cheap: { developer: kakao, price: { input: 1, output: 1 } }
      good: { developer: deepseek }
  house: { type: vllm, models: { plain: {} } }
models:
  chat: { targets: [demo/cheap, demo/good] }
  any: { targets: [demo/cheap, house/plain] }
policies:
  - { name: no-good, deny: { model: good }, reason: not this one }
  - { name: no-other, deny: { model: other } }
keys:
  - { id: app, sha256: ${'a'.repeat(64)} }
`
const ASKED = 'key: app, request: { model: chat, messages: [{ role: user, content: hi }] }'
const oneCase = (expected: string, asked = ASKED): string =>
  `cases:\n  - { name: one, ${asked}, expect: ${expected} }\n`

let folder: string
let config: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-cases-'))
  config = await file('tutti.yaml', CONFIG)
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

/** The folder is cut from what is printed. */
async function run(...args: readonly string[]) {
  const { code, out, err } = await runProgram(['test', '-c', config, ...args])
  const short = (text: string): string => text.replaceAll(`${folder}/`, '')
  return { code, out: short(out), err: short(err) }
}

const judged = async (expected: string, asked?: string) => run(await file('one.yaml', oneCase(expected, asked)))

const ANY = ASKED.replace('model: chat', 'model: any')
const GOOD = ASKED.replace('model: chat', 'model: demo/good')
const TYPO = ASKED.replace('model: chat', 'model: chut')

describe('an expectation', () => {
  test.each([
    ['{ outcome: route }', ASKED],
    ['{ outcome: deny }', GOOD],
    ['{ first: demo/cheap }', ASKED],
    ['{ plan: [demo/cheap] }', ASKED],
    ['{ plan: [] }', GOOD],
    ['{ targets: { never: [{ developer: deepseek }] } }', ASKED],
    ['{ targets: { only: [{ developer: kakao }] } }', ASKED],
    ['{ rule: no-good }', ASKED],
    ['{ rule: no-good }', GOOD],
    ['{ rules: { contains: [no-good] } }', ASKED],
    ['{ code: policy_denied }', GOOD],
    ['{ status: 403 }', GOOD],
    ['{ code: model_not_found, status: 404 }', TYPO],
    ['{ maxCostUsd: 1 }', ASKED],
  ])('%s holds of %s', async (expected, asked) => {
    expect(await judged(expected, asked)).toMatchObject({ code: 0, out: expect.stringContaining('ok    one') })
  })

  test.each([
    ['{ outcome: deny }', ASKED, 'came:     route'],
    ['{ first: demo/good }', ASKED, 'came:     demo/cheap'],
    ['{ first: demo/good }', GOOD, 'came:     no target'],
    ['{ plan: [demo/cheap, demo/good] }', ASKED, 'came:     demo/cheap'],
    ['{ plan: [house/plain, demo/cheap] }', ANY, 'came:     demo/cheap, house/plain'],
    ['{ targets: { never: [{ developer: kakao }] } }', ASKED, 'demo/cheap: its developer is `kakao`'],
    ['{ targets: { never: [{ developer: deepseek }] } }', ANY, 'house/plain: its developer is unknown'],
    ['{ targets: { only: [{ developer: kakao }] } }', ANY, 'house/plain: its developer is unknown'],
    ['{ targets: { only: [{ developer: openai }] } }', ASKED, 'demo/cheap: its developer does not match'],
    ['{ targets: { never: [{ developer: deepseek }] } }', TYPO, 'no candidates'],
    ['{ rule: no-other }', GOOD, 'came:     no-good'],
    ['{ rule: no-good }', ANY, 'came:     no rule denies'],
    ['{ rules: { contains: [no-good, no-other] } }', ASKED, '`expect.rules.contains[1]`'],
    ['{ code: policy_denied }', ASKED, 'none: it is routed'],
    ['{ status: 404 }', GOOD, 'came:     403'],
    ['{ maxCostUsd: 0 }', ASKED, 'demo/cheap: about $'],
    ['{ maxCostUsd: 1 }', ANY, 'house/plain: its price is unknown'],
    ['{ maxCostUsd: 1 }', GOOD, 'nothing is planned'],
    ['{ outcome: deny }', 'key: app, request: { model: chat }', 'no decision: '],
  ])('%s does not hold of %s', async (expected, asked, came) => {
    expect(await judged(expected, asked)).toMatchObject({ code: 1, out: expect.stringContaining(came) })
  })
})

test('a failing case shows the place, both sides and the decision; a passing one takes a line', async () => {
  const text = `cases:
  - name: holds
    key: app
    request: { model: chat, messages: [{ role: user, content: hi }] }
    expect: { outcome: route }
  - name: fails
    key: app
    request: { model: chat, messages: [{ role: user, content: hi }] }
    expect:
      first: demo/good
`
  const { code, out } = await run(await file('fails.yaml', text))
  expect(code).toBe(1)
  expect(
    out
      .split('\n')
      .map((line) => (line.includes('epoch') ? '…' : line))
      .join('\n'),
  ).toMatchInlineSnapshot(`
    "ok    holds
    FAIL  fails
      fails.yaml:10:7: \`expect.first\` does not hold
        expected: demo/good
        came:     demo/cheap
        chat goes to demo/cheap
    …
          1. demo/cheap, about $0.000405 (first as written)
          -  demo/good: denied by no-good [tutti.yaml:13:5]
               not this one
               its model is \`good\`

    tutti.yaml:14:5 rule \`no-other\` is touched by no case
    1 passed, 1 failed; 1 of 2 rules touched, 50%
    "
  `)
})

test('a bad file shows all its problems with their places, and nothing runs', async () => {
  const text = `cases:
  - name: a
    key: app
    requst: { model: chat }
    expect: { outcom: route, rule: no-god, status: 20 }
  - name: a
    request: { model: chat }
    endpoint: /v1/chat/completion
    expect: { targets: { never: [{ develper: x }] } }
`
  const { code, out, err } = await run(await file('bad.yaml', text))
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatchInlineSnapshot(`
    "bad.yaml:2:5: \`request\` is missing or empty: expected the body of a request
    bad.yaml:4:5: unknown field \`requst\`, did you mean \`request\`?
        known here: \`name\`, \`key\`, \`endpoint\`, \`request\`, \`seed\`, \`tags\`, \`metadata\`, \`client\`, \`time\`, \`expect\`
    bad.yaml:5:15: unknown field \`outcom\`, did you mean \`outcome\`?
        known here: \`outcome\`, \`first\`, \`plan\`, \`targets\`, \`rule\`, \`rules\`, \`code\`, \`status\`, \`maxCostUsd\`
    bad.yaml:5:36: no rule has the name \`no-god\`, did you mean \`no-good\`?
    bad.yaml:5:52: \`status\` is \`20\`: expected a status from 400 to 599
    bad.yaml:6:5: \`key\` is missing: the configuration has keys, so say whose request it is
        known here: \`app\`
    bad.yaml:6:11: two cases have the name \`a\`
        rename one
    bad.yaml:8:15: no endpoint is at \`/v1/chat/completion\`, did you mean \`/v1/chat/completions\`?
    bad.yaml:9:34: \`never\` is a mapping: expected a selector with at least one field, since an empty one would match every target (write \`provider: "*"\` if that is meant)
    bad.yaml:9:36: unknown field \`develper\`, did you mean \`developer\`?
        known here: \`provider\`, \`operator\`, \`operatorCountry\`, \`region\`, \`developer\`, \`lineage\`, \`family\`, \`model\`, \`license\`, \`local\`, \`openWeights\`, \`trainsOnData\`, \`retainsData\`, \`derived\`, \`components\`
    "
  `)
})

test.each([
  ['', 'begin with `cases:`'],
  ['cases: []\n', 'a list of cases'],
  [oneCase('{}'), 'not an empty mapping'],
  [oneCase('{ outcome: route }', ASKED.replace('app', 'apq')), 'no key has the id `apq`, did you mean `app`?'],
])('%j is refused', async (text, said) => {
  expect(await run(await file('refused.yaml', text))).toMatchObject({ code: 1, err: expect.stringContaining(said) })
})

describe('the files', () => {
  test('without a name the one beside the configuration; without that, what to write', async () => {
    const none = await run()
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('write `tutti.cases.yaml`') })
    const beside = await file('tutti.cases.yaml', oneCase('{ outcome: route }'))
    expect(await run()).toMatchObject({ code: 0, out: expect.stringContaining('1 passed, 0 failed') })
    await rm(beside)
  })

  test('several run together, and one that is not there is said', async () => {
    const [a, b] = [
      await file('a.yaml', oneCase('{ outcome: route }')),
      await file('b.yaml', oneCase('{ outcome: deny }')),
    ]
    expect(await run(a, b)).toMatchObject({ code: 1, out: expect.stringContaining('1 passed, 1 failed') })
    expect(await run(a, join(folder, 'nothing'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be read'),
    })
  })
})

describe('coverage', () => {
  test('a rule that no case touches is said with its place; `--coverage` asks for a least', async () => {
    const path = await file('covered.yaml', oneCase('{ outcome: route }'))
    const said =
      'tutti.yaml:14:5 rule `no-other` is touched by no case\n1 passed, 0 failed; 1 of 2 rules touched, 50%\n'
    expect(await run(path, '--coverage', '50')).toMatchObject({ code: 0, out: expect.stringContaining(said) })
    expect(await run(path, '--coverage', '51')).toMatchObject({ code: 1, err: expect.stringContaining('50%') })
    for (const bad of ['x', '101', ''])
      expect(await run(path, '--coverage', bad)).toMatchObject({
        code: 1,
        err: expect.stringContaining('no percentage'),
      })
  })

  test('--json is one object', async () => {
    const { code, out } = await run(await file('json.yaml', oneCase('{ first: demo/good }')), '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      cases: [
        {
          name: 'one',
          passed: false,
          failures: [{ path: 'expect.first', expected: 'demo/good', came: 'demo/cheap', source: expect.any(String) }],
          decision: { outcome: 'route', plan: ['demo/cheap'] },
        },
      ],
      coverage: {
        rules: [
          { name: 'no-good', touched: true },
          { name: 'no-other', touched: false },
        ],
        percent: 50,
      },
      passed: 0,
      failed: 1,
    })
  })
})

test('tags of a case reach the decision', async () => {
  const path = await file('tags.yaml', oneCase('{ outcome: route }', `tags: [a], metadata: { b: 1 }, ${ASKED}`))
  expect(JSON.parse((await run(path, '--json')).out)).toMatchObject({ cases: [{ decision: { tags: ['a'] } }] })
})

test('rules that speak about some requests only, that order, and that are in shadow: each is touched where it says something', async () => {
  const rules = `policies:
  - { name: far, when: 'client.country != "KR"', deny: { model: good } }
  - { name: personal, when: 'request.metadata.?data_class.orValue("") == "personal"', deny: { model: cheap } }
  - { name: ours, prefer: { developer: deepseek } }
  - { name: maybe, deny: { model: cheap }, mode: shadow }
  - { name: silent, when: request.stream, deny: { model: cheap } }
`
  const conditional = await file('when.yaml', CONFIG.replace(/policies:[^]*(?=keys:)/u, rules))
  const cases = await file(
    'when.cases.yaml',
    `cases:
  - { name: near, client: { country: KR }, ${ASKED}, expect: { plan: [demo/good, demo/cheap] } }
  - { name: far, client: { country: US }, ${ASKED}, expect: { plan: [demo/cheap], rule: far } }
  - { name: nobody knows, ${ASKED}, expect: { plan: [demo/cheap], rule: far } }
  - { name: personal, client: { country: KR }, metadata: { data_class: personal }, ${ASKED}, expect: { plan: [demo/good] } }
`,
  )
  const { code, out } = await run('-c', conditional, cases)
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringContaining('4 passed, 0 failed; 4 of 5 rules touched, 80%'),
  })
  expect(out).toContain('rule `silent` is touched by no case')
})

test('a case has a time of its own', async () => {
  const rules =
    "policies:\n  - { name: office, schedule: { hours: '09:00-18:00', timeZone: Asia/Seoul }, deny: { model: good } }\n"
  const scheduled = await file('time.yaml', CONFIG.replace(/policies:[^]*(?=keys:)/u, rules))
  const cases = await file(
    'time.cases.yaml',
    `cases:
  - { name: day, time: "2026-12-01T09:00:00+09:00", ${ASKED}, expect: { plan: [demo/cheap], rule: office } }
  - { name: the same moment, time: "2026-12-01T00:00:00Z", ${ASKED}, expect: { rule: office } }
  - { name: later, time: "2026-12-01T09:00:00Z", ${ASKED}, expect: { plan: [demo/cheap, demo/good] } }
`,
  )
  expect(await run('-c', scheduled, cases)).toMatchObject({
    code: 0,
    out: expect.stringContaining('3 passed, 0 failed'),
  })
  const bad = await file('bad-time.yaml', oneCase('{ outcome: route }', `time: 2026-12-01, ${ASKED}`))
  expect((await run(bad)).err).toContain('`time` is `2026-12-01`: expected an instant with its offset like')
})

test('a rule that only permits is touched by what it permits', async () => {
  const permitting = await file(
    'transfer.yaml',
    `version: 1
providers: { openai: { apiKey: sk-a } }
models: { chat: { targets: [openai/gpt-6-luna] } }
policies:
  - { name: across, transfer: { home: KR, permit: [{ country: US, basis: consent }] } }
`,
  )
  const one = oneCase('{ outcome: route }', ASKED.replace('key: app, ', ''))
  const { out } = await run('-c', permitting, await file('transfer.cases.yaml', one))
  expect(out).toContain('1 passed, 0 failed; 1 of 1 rules touched, 100%')
})
