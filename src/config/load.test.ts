import { expect, test } from 'vitest'
import { options } from '../../test/support/config-fakes.ts'
import { loadConfig, type LoadOptions } from './load.ts'
import { renderProblem } from './problem.ts'

const SHA = 'a'.repeat(64)
const HEAD = 'providers:\n  openai: { apiKey: "${OPENAI_API_KEY}" }\n'

async function said(text: string, over: Partial<LoadOptions> = {}): Promise<string[]> {
  const loaded = await loadConfig(text, options(over))
  return loaded.problems.map((problem) => renderProblem(problem).replace('\n    ', ' | '))
}

/** A file and what is said of it: the beginning of each line, and a part of it. */
const BAD: readonly (readonly [name: string, text: string, ...said: (readonly [place: string, part: string])[]])[] = [
  [
    'target value',
    `${HEAD}models:\n  m: { targets: [{ target: 5, weight: 2 }] }\n`,
    ['4:28', '`target` is `5`: expected a target like'],
  ],
  ['empty', '', ['1:1', 'the file is empty']],
  ['not YAML', 'a: "x\nb: 1\n', ['3:1', 'quote']],
  ['no mapping', '- 1\n', ['1:1', 'expected a mapping']],
  ['two documents', 'a: 1\n---\nb: 1\n', ['2:1', 'more than one document']],
  ['duplicate key', `${HEAD}direct: true\ndirect: false\n`, ['4:1', '`direct` is written twice']],
  ['unknown tag', `${HEAD}direct: !env X\n`, ['3:9', 'tag']],
  ['__proto__', `${HEAD}__proto__: 1\n`, ['3:1', '__proto__']],
  ['unknown field', `${HEAD}polices: []\n`, ['3:1', 'unknown field `polices`, did you mean `policies`?']],
  ['unknown deep field', `${HEAD}server: { hots: x }\n`, ['3:11', 'unknown field `hots`, did you mean `host`?']],
  ['inherited name', `${HEAD}constructor: 1\n`, ['3:1', 'unknown field `constructor`']],
  ['wrong type', `${HEAD}server: { port: true }\n`, ['3:17', '`port` is `true`: expected a port from 0 to 65535']],
  ['duration', `${HEAD}server: { drain: 5 sec }\n`, ['3:18', '`drain` is `5 sec`: expected a duration like']],
  ['a duration in words', `${HEAD}retention: 3 months\n`, ['3:12', '`1h`, `90d`']],
  [
    'answers given again for no time',
    `${HEAD}idempotency: { keep: 0s }\n`,
    ['3:22', '`keep` is `0s`: expected a duration like `250ms`, `5s`, `2m`, `1h`, `90d`, above 0'],
  ],
  [
    'a cache that keeps nothing',
    `${HEAD}models: { m: { targets: [openai/x], cache: { ttl: 0s } } }\n`,
    ['3:51', '`ttl` is `0s`: expected a duration like `250ms`, `5s`, `2m`, `1h`, `90d`, above 0'],
  ],
  ['a variable without quotes', 'providers: { openai: { apiKey: ${KEY} } }\n', ['1:33', 'inside `{ }` wants quotes']],
  ['size', `${HEAD}server: { bodyLimit: 20 }\n`, ['3:22', 'expected a size like `64KB`']],
  ['version', `version: 2\n${HEAD}`, ['1:10', '`version` is `2`: expected `1`']],
  ['redis without a url', `${HEAD}state: { driver: redis }\n`, ['3:1', '`driver: redis` needs a `url`']],
  ['a url of something else', `${HEAD}state: { driver: redis, url: "http://h" }\n`, ['3:30', 'no url of a Redis']],
  [
    'one of several urls',
    `${HEAD}state: { driver: redis, url: ["redis://h", "h:1"] }\n`,
    ['3:44', '`url`: it is no url of a Redis'],
  ],
  [
    'several urls of no cluster',
    `${HEAD}state: { driver: redis, url: ["redis://h", "redis://i"], cluster: false }\n`,
    ['3:25', 'several urls are those of a cluster'],
  ],
  [
    'a database of a cluster',
    `${HEAD}state: { driver: redis, url: "redis://h/2", cluster: true }\n`,
    ['3:30', 'a cluster has one database'],
  ],
  ['url without redis', `${HEAD}state: { driver: sqlite, url: x }\n`, ['3:26', '`url` belongs to `driver: redis`']],
  ['path without sqlite', `${HEAD}state: { path: x }\n`, ['3:10', '`path` belongs to `driver: sqlite`']],
  ['otlp', `${HEAD}telemetry: { otlp: "http://x" }\n`, ['3:20', 'not in this version']],
  ['currency', `${HEAD}currency: KRW\n`, ['3:11', 'not in this version']],
  [
    'strategy',
    `${HEAD}models: { m: { targets: [openai/x], strategy: auto } }\n`,
    ['3:47', '`auto` is not in this version'],
  ],
  [
    'strategy typo',
    `${HEAD}models: { m: { targets: [openai/x], strategy: cheap } }\n`,
    ['3:47', 'did you mean `cheapest`?'],
  ],
  [
    'hedge',
    `${HEAD}models: { m: { targets: [openai/x], hedge: { after: 2s } } }\n`,
    ['3:37', '`hedge` is not in this version'],
  ],
  [
    'onBreak',
    `${HEAD}models: { m: { targets: [openai/x], onBreak: continue } }\n`,
    ['3:46', '`continue` is not in this version'],
  ],
  ['no targets', `${HEAD}models:\n  m: { fallback: true }\n`, ['4:3', '`targets` is missing']],
  ['empty targets', `${HEAD}models:\n  m: { targets: [] }\n`, ['4:17', 'expected a list of targets, not an empty one']],
  [
    'target form',
    `${HEAD}models:\n  m: { targets: [{ target: openai/x, wieght: 2 }] }\n`,
    ['4:38', 'unknown field `wieght`, did you mean `weight`?'],
  ],
  [
    'unknown provider',
    `${HEAD}models:\n  m:\n    targets:\n      - opnai/x\n`,
    ['6:9', '`opnai/x` names a provider that is not under `providers`, did you mean `openai`?'],
  ],
  ['no slash', `${HEAD}models: { m: { targets: [gpt] } }\n`, ['3:26', '`gpt` is no target']],
  [
    'nested name',
    `${HEAD}models: { a: { targets: [openai/x] }, b: { targets: [a] } }\n`,
    ['3:54', 'names do not nest'],
  ],
  ['named twice', `${HEAD}models: { a: { targets: [openai/x, openai/x] } }\n`, ['3:36', 'named twice']],
  [
    'two faults of one route',
    `${HEAD}models:\n  m:\n    strategy: bad\n    targets: [nope/x]\n`,
    ['5:15', 'expected one of'],
    ['6:15', '`nope/x` names a provider'],
  ],
  [
    'unknown type by name',
    'providers:\n  opneai: {}\n',
    ['2:3', '`opneai` is no known type of provider, did you mean `openai`?'],
  ],
  [
    'unknown type',
    'providers:\n  a: { type: olama }\n',
    ['2:14', '`olama` is no known type of provider, did you mean `ollama`?'],
  ],
  ['slash in a provider', 'providers:\n  a/b: { type: ollama }\n', ['2:3', '`a/b` cannot name a provider']],
  ['no key', 'providers:\n  openai: {}\n', ['2:3', '`apiKey` is missing']],
  ['empty key', 'providers:\n  openai: { apiKey: "" }\n', ['2:21', '`apiKey` is empty']],
  ['key where none is', 'providers:\n  ollama: { apiKey: x }\n', ['2:13', 'takes no `apiKey`']],
  [
    'key and accounts',
    'providers:\n  openai: { apiKey: x, accounts: [{ apiKey: y }] }\n',
    ['2:13', 'do not go together'],
  ],
  ['no address', 'providers:\n  openai-compatible: {}\n', ['2:3', 'needs a `baseUrl`']],
  ['region', 'providers:\n  openai: { apiKey: x, region: KR }\n', ['2:32', 'no host for region `KR`']],
  [
    'a region by contract',
    'providers:\n  openai: { apiKey: x, region: KR }\n',
    ['2:32', 'of its usual one by `baseUrl: https://api.openai.com/v1`'],
  ],
  [
    "a shell's variable",
    'providers:\n  openai: { apiKey: $OPENAI_API_KEY }\n',
    ['2:21', 'a variable is written `${NAME}`'],
  ],
  [
    'header',
    'providers:\n  openai: { apiKey: x, headers: { Host: a } }\n',
    ['2:35', "the header `host` is tutti's own"],
  ],
  [
    'proxy',
    'providers:\n  openai: { apiKey: x, proxy: "socks5://x" }\n',
    ['2:31', '`proxy` is not the URL of an HTTP proxy'],
  ],
  ['ca', 'providers:\n  openai: { apiKey: x, ca: abc }\n', ['2:28', '`ca` holds no PEM']],
  [
    'azure',
    'providers:\n  azure-openai: { apiKey: x, baseUrl: "https://x.example/v1", models: { d: { context: 5 } } }\n',
    ['2:73', '`developer` is missing'],
  ],
  [
    'azure target',
    'providers:\n  azure-openai: { apiKey: x, baseUrl: "https://x.example/v1" }\nmodels: { m: { targets: [azure-openai/d] } }\n',
    ['3:26', '`azure-openai/d` is not declared'],
  ],
  [
    'capability',
    'providers:\n  ollama: { models: { m: { capabilities: [chat, tool] } } }\n',
    ['2:49', 'did you mean `tools`?'],
  ],
  [
    'price',
    'providers:\n  ollama: { models: { m: { price: { input: -1, output: 0 } } } }\n',
    ['2:44', 'expected an amount in USD'],
  ],
  ['retires', 'providers:\n  ollama: { models: { m: { retires: 2026-02-30 } } }\n', ['2:37', 'expected a date like']],
  ['host without keys', `server: { host: 0.0.0.0 }\n${HEAD}`, ['1:17', 'a host other than this machine needs `keys`']],
  ['IPv6 host without keys', `server: { host: "::" }\n${HEAD}`, ['1:17', 'needs `keys`']],
  ['auth and keys', `${HEAD}auth: none\nkeys: [{ id: a, sha256: ${SHA} }]\n`, ['3:1', 'contradict']],
  ['admin without keys', `${HEAD}admin: { sha256: ${SHA} }\n`, ['3:1', '`admin` without `keys`']],
  [
    'two ids',
    `${HEAD}keys:\n  - { id: a, sha256: ${SHA} }\n  - { id: a, sha256: ${'b'.repeat(64)} }\n`,
    ['5:11', 'two keys have the id `a`'],
  ],
  [
    'two digests',
    `${HEAD}keys:\n  - { id: a, sha256: ${SHA} }\n  - { id: b, sha256: ${SHA.toUpperCase()} }\n`,
    ['5:22', 'two keys have this `sha256`'],
  ],
  [
    'admin is a caller',
    `${HEAD}keys: [{ id: a, sha256: ${SHA} }]\nadmin: { sha256: ${SHA} }\n`,
    ['4:18', "the admin key is a caller's key too"],
  ],
  ['digest', `${HEAD}keys: [{ id: a, sha256: 9f86d0 }]\n`, ['3:25', '`sha256` is not a SHA-256 digest']],
  [
    'budget',
    `${HEAD}keys: [{ id: a, sha256: ${SHA}, budget: { usd: 1, per: year } }]\n`,
    ['3:114', 'expected one of `hour`'],
  ],
  [
    'one budget twice',
    `${HEAD}budgets:\n  - { name: a, usd: 1, per: day }\n  - { name: a, usd: 1, per: day }\n`,
    ['5:13', 'two of `budgets` have the name `a`'],
  ],
  [
    'a budget of nobody',
    `${HEAD}keys: [{ id: app, sha256: ${SHA} }]\nbudgets:\n  - { name: a, usd: 1, per: day, subjects: { keys: [ap], teams: [x] } }\n`,
    ['5:53', 'no key has the id `ap`, did you mean `app`?'],
    ['5:66', 'warning: no key has the team `x`'],
  ],
  [
    'a budget of no provider',
    `${HEAD}budgets:\n  - { name: a, usd: 1, per: day, providers: [opnai] }\n`,
    ['4:46', 'no provider is called `opnai`'],
  ],
  [
    'a budget of no time zone',
    `${HEAD}budgets:\n  - { name: a, usd: 1, per: day, timeZone: Seoul }\n`,
    ['4:44', 'expected a time zone by its name'],
  ],
  [
    'limits of nothing',
    `${HEAD}limits:\n  - { name: a, models: [x] }\n`,
    ['4:5', 'expected `rpm`, `tpm` or `concurrency`'],
  ],
  ['a budget without a name', `${HEAD}budgets:\n  - { usd: 1, per: day }\n`, ['4:5', '`name` is missing']],
  ['no rule', `${HEAD}policies:\n  - name: a\n`, ['4:5', 'this rule says nothing']],
  [
    'two bodies',
    `${HEAD}policies:\n  - { name: a, deny: { local: true }, require: { local: true } }\n`,
    ['4:5', 'both `deny` and `require`'],
  ],
  ['no name', `${HEAD}policies:\n  - { deny: { local: true } }\n`, ['4:5', '`name` is missing']],
  [
    'one name',
    `${HEAD}policies:\n  - { name: a, deny: { local: true } }\n  - { name: a, deny: { local: false } }\n`,
    ['5:13', 'two rules have the name `a`'],
  ],
  ['empty deny', `${HEAD}policies:\n  - { name: a, deny: {} }\n`, ['4:22', 'at least one field']],
  ['derived alone', `${HEAD}policies:\n  - { name: a, deny: { region: KR, derived: true } }\n`, ['4:45', '`derived`']],
  [
    'selector typo',
    `${HEAD}policies:\n  - { name: a, deny: { developr: x } }\n`,
    ['4:22', 'at least one field'],
    ['4:24', 'did you mean `developer`?'],
  ],
  [
    'when',
    `${HEAD}policies:\n  - { name: a, when: request.modle == "x", deny: { local: true } }\n`,
    ['4:22', 'modle, at character 9'],
  ],
  [
    'a word for a mode',
    `${HEAD}policies:\n  - { name: a, mode: dark, deny: { local: true }, onError: never }\n`,
    ['4:22', 'one of `enforce`, `shadow`'],
    ['4:60', 'one of `deny`, `allow`'],
  ],
  [
    'preset',
    `${HEAD}policies:\n  - preset: korea-public-sector\n`,
    ['4:13', 'there is no preset `korea-public-sector`'],
  ],
  [
    'subjects',
    `${HEAD}keys: [{ id: team-a, sha256: ${SHA} }]\npolicies:\n  - { name: a, deny: { local: true }, subjects: { keys: [taem-a] } }\n`,
    ['5:58', 'no key has the id `taem-a`, did you mean `team-a`?'],
  ],
  [
    'missing variable',
    'providers:\n  openai: { apiKey: "${NOPE}" }\n',
    ['2:21', 'the environment variable `NOPE` is not set'],
  ],
  [
    'missing file',
    'providers:\n  openai: { apiKey: "${file:/run/x}" }\n',
    ['2:21', 'the file `/run/x` cannot be read'],
  ],
  ['malformed reference', 'providers:\n  openai: { apiKey: "${a b}" }\n', ['2:21', 'a reference is']],
  [
    'alias bomb',
    `a: &a [1,1,1,1,1,1,1,1,1,1]\n${Array.from({ length: 6 }, (_, i) => `${'bcdefg'[i]}: &${'bcdefg'[i]} [${Array.from({ length: 10 }, () => `*${'abcdef'[i]}`).join(',')}]`).join('\n')}\n`,
    ['', 'aliases repeat too much'],
  ],
  ['alias of itself', 'providers: &a\n  x: *a\n', ['', 'nested too deeply']],
  ['deep', `providers: ${'['.repeat(60_000)}`, ['', 'nested too deeply']],
]

test.each(BAD.map(([name, text, ...expected]) => ({ name, text, expected })))(
  'bad file: $name',
  async ({ text, expected }) => {
    const lines = await said(text)
    for (const [place, part] of expected) {
      const found = lines.filter((line) => line.startsWith(`tutti.yaml:${place}`) && line.includes(part))
      expect(found, lines.join('\n')).toHaveLength(1)
    }
    // Nothing else is said where the place is exact.
    if (expected.every(([place]) => place !== '')) expect(lines).toHaveLength(expected.length)
  },
)

test('all problems come at once, in the order of the file', async () => {
  const lines = await said(
    `version: 3\nserver: { prot: 1 }\n${HEAD}models: { m: { targets: [nope/x] } }\nkeys: [{ id: a, sha256: x }]\n`,
  )
  expect(lines.map((line) => line.split(': ')[0])).toEqual([
    'tutti.yaml:1:10',
    'tutti.yaml:2:11',
    'tutti.yaml:5:26',
    'tutti.yaml:6:25',
  ])
})

test('JSONC: comments and commas go, places stay', async () => {
  const file =
    '{\n\t// the providers\n\t"providers": { "openai": { "apiKey": "http://x" /* no */, }, },\n\t"polices": [],\n}\n'
  for (const name of ['tutti.json', 'tutti.jsonc', 'tutti.yaml']) {
    expect(await said(file, { file: name })).toEqual([
      expect.stringContaining(`${name}:4:2: unknown field \`polices\``),
    ])
  }
})

test('JSONC: what looks like a comment inside a string is none', async () => {
  const file = '{ "providers": { "ollama": { "headers": { "x-a": "\\"//b", "x-c": "/*" } } }, "direct": 1 }'
  expect(await said(file, { file: 'tutti.json' })).toEqual([
    expect.stringContaining('tutti.json:1:88: `direct` is `1`: expected'),
  ])
})

test('what a rule says of itself is shown without what came from outside', async () => {
  const compile = ({ body }: { body: unknown }) => {
    throw new Error(`cannot read ${JSON.stringify(body)}`)
  }
  const file = `${HEAD}policies:\n  - { name: a, deny: { developer: "\${WHO}" } }\n`
  const lines = await said(file, { env: () => 'canary-9', ruleKinds: new Map([['deny', { field: 'deny', compile }]]) })
  expect(lines).toEqual(['tutti.yaml:4:22: cannot read {"developer":"${WHO}"}'])
})
