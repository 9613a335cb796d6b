import { isObject } from '#src/core/json.ts'
import type {
  Answer,
  CitationReply,
  CutFault,
  ErrorFault,
  ErrorReply,
  RawReply,
  Reply,
  Script,
  StallFault,
  Timing,
  ToolCallReply,
  UsageReply,
  When,
  Wire,
} from './script.ts'
import { SCRIPT_ENDPOINTS } from './script.ts'

/** What is wrong, and where: keys and indices from the top. */
export interface ScriptProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Tells what is wrong with a value that stands there; nothing when it is right. */
type Check = (value: unknown, path: ScriptProblem['path']) => ScriptProblem[]

/** One check for each field of T: a field that the type has and the table has not does not compile. */
type Fields<T> = { readonly [K in keyof Required<T>]: Check }

/** A script that cannot be used, with every problem in it. */
export class ScriptError extends Error {
  readonly problems: readonly ScriptProblem[]
  constructor(problems: readonly ScriptProblem[]) {
    super(`bad script: ${problems.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; ')}`)
    this.name = 'ScriptError'
    this.problems = problems
  }
}

/** A script out of parsed YAML or JSON. Throws ScriptError: unknown fields and wrong values, each with its place (`answers[0].reply.txt`). */
export function parseScript(value: unknown): Script {
  const problems = SCRIPT(value, [])
  if (!passed(value, problems)) throw new ScriptError(problems)
  return value
}

function passed(_value: unknown, problems: readonly ScriptProblem[]): _value is Script {
  return problems.length === 0
}

function wrong(path: ScriptProblem['path'], message: string): ScriptProblem[] {
  return [{ path, message }]
}

/** `['answers', 0, 'reply']` as `answers[0].reply`. */
function formatPath(path: ScriptProblem['path']): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return text === '' ? 'the script' : text.slice(1)
}

const text: Check = (value, path) => (typeof value === 'string' ? [] : wrong(path, `expected text`))
const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : wrong(path, `expected true or false`))
const anything: Check = () => []
const textOrNull: Check = (value, path) => (value === null ? [] : text(value, path))

function number(min: number, max: number, whole: boolean): Check {
  const kind = whole ? 'a whole number' : 'a number'
  const range = max === Infinity ? `from ${min}` : `from ${min} to ${max}`
  return (value, path) => {
    const good = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))
    return good ? [] : wrong(path, `expected ${kind} ${range}`)
  }
}

const count = number(0, Infinity, true)
const ordinal = number(1, Infinity, true)
const ms = number(0, 3_600_000, false)

function oneOf(choices: readonly string[]): Check {
  return (value, path) =>
    typeof value === 'string' && choices.includes(value) ? [] : wrong(path, `expected one of ${choices.join(', ')}`)
}

function list(item: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return wrong(path, `expected a list`)
    return value.flatMap((member: unknown, index) => item(member, [...path, index]))
  }
}

const headers: Check = (value, path) => {
  if (!isObject(value)) return wrong(path, `expected names with values`)
  return Object.entries(value).flatMap(([name, member]) => text(member, [...path, name]))
}

function object(fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  const known = new Map(Object.entries(fields))
  return (value, path) => {
    if (!isObject(value)) return wrong(path, 'expected an object')
    const missing = required
      .filter((name) => value[name] === undefined)
      .flatMap((name) => wrong([...path, name], `\`${name}\` is missing`))
    const bad = Object.entries(value).flatMap(([name, member]) => {
      const check = known.get(name)
      if (check === undefined) return wrong([...path, name], `unknown field, known are ${[...known.keys()].join(', ')}`)
      return member === undefined ? [] : check(member, [...path, name])
    })
    return [...missing, ...bad]
  }
}

const WHEN: Fields<When> = {
  model: text,
  endpoint: oneOf(SCRIPT_ENDPOINTS),
  textContains: text,
  nth: ordinal,
  attempt: ordinal,
  chance: number(0, 1, false),
  stream: flag,
}

const TOOL_CALL: Fields<ToolCallReply> = { name: text, arguments: anything, id: text, pieces: ordinal }
const USAGE: Fields<UsageReply> = { input: count, output: count, cached: count, cacheWrite: count, reasoning: count }
const CITATION: Fields<CitationReply> = { url: text, title: text, text }

const REPLY: Fields<Reply> = {
  text,
  deltas: list(text),
  reasoning: text,
  reasoningField: oneOf(['reasoning_content', 'reasoning']),
  signature: text,
  refusal: text,
  citations: list(object(CITATION, ['url'])),
  toolCalls: list(object(TOOL_CALL, ['name'])),
  structured: flag,
  logprobs: flag,
  finishReason: text,
  usage: object(USAGE),
  usageIn: oneOf(['asked', 'last', 'finish', 'every', 'never']),
  choices: number(1, 128, true),
  empty: flag,
  scores: list(number(0, 1, false)),
  embedding: list(number(-Infinity, Infinity, false)),
  embeddingFormat: oneOf(['float', 'base64']),
  model: text,
}

const code: Check = (value, path) =>
  value === null || typeof value === 'number' || typeof value === 'string'
    ? []
    : wrong(path, `expected text or a number`)

const ERROR: Fields<ErrorReply> = {
  status: number(400, 599, true),
  message: text,
  type: text,
  code,
  param: textOrNull,
  retryAfter: number(0, Infinity, false),
  headers,
}

const RAW: Fields<RawReply> = { status: number(200, 599, true), headers, body: anything }
const TIMING: Fields<Timing> = { headMs: ms, firstTokenMs: ms, tokenMs: ms }

const WIRE: Fields<Wire> = {
  lineEnding: oneOf(['lf', 'crlf']),
  space: flag,
  done: flag,
  comment: text,
  before: text,
  after: text,
  behind: text,
  split: ordinal,
}

const PLACE = { beforeHead: flag, afterEvents: count, afterBytes: count }
const CUT: Fields<CutFault> = { kind: text, how: oneOf(['fin', 'reset', 'terminated']), ...PLACE }
const STALL: Fields<StallFault> = { kind: text, ...PLACE }
const ERROR_INSIDE: Fields<ErrorFault> = { kind: text, afterEvents: count, named: flag, done: flag, error: anything }

const fault: Check = (value, path) => {
  if (!isObject(value)) return wrong(path, `expected an object`)
  switch (value['kind']) {
    case 'cut':
      return [...object(CUT)(value, path), ...onePlace(value, path)]
    case 'stall':
      return [...object(STALL)(value, path), ...onePlace(value, path)]
    case 'error':
      return object(ERROR_INSIDE, ['error'])(value, path)
    default:
      return wrong([...path, 'kind'], 'expected one of cut, stall, error')
  }
}

function onePlace(value: Readonly<Record<string, unknown>>, path: ScriptProblem['path']): ScriptProblem[] {
  const written = Object.keys(PLACE).filter((name) => value[name] !== undefined && value[name] !== false)
  return written.length === 1 ? [] : wrong(path, `expected exactly one of ${Object.keys(PLACE).join(', ')}`)
}

const ANSWER: Fields<Answer> = {
  when: object(WHEN),
  times: ordinal,
  reply: object(REPLY),
  error: object(ERROR, ['status']),
  raw: object(RAW),
  timing: object(TIMING),
  wire: object(WIRE),
  fault,
}

const answer: Check = (value, path) => {
  const problems = object(ANSWER)(value, path)
  if (!isObject(value)) return problems
  const kinds = ['reply', 'error', 'raw'].filter((name) => value[name] !== undefined)
  return kinds.length > 1 ? [...problems, ...wrong(path, `expected only one of ${kinds.join(', ')}`)] : problems
}

const SCRIPT_FIELDS: Fields<Script> = { answers: list(answer), otherwise: answer, models: list(text) }
const SCRIPT = object(SCRIPT_FIELDS, ['answers'])
