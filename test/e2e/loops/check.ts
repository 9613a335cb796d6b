import { expect } from 'vitest'
import type { Reply } from '#providers/demo/script.ts'
import { isObject, parseJson, type Json } from '#src/core/json.ts'
import type { Plain, PlainFinish } from '../../support/readers/plain.ts'
import { same } from '../../clients/recorded/cross-same.ts'
import { AND_THEN, type Caller } from './callers.ts'
import type { Gap } from './exceptions.ts'
import type { Run, Turn } from './run.ts'
import { resultOf, type Scenario } from './scenarios.ts'
import type { Sent } from './sent.ts'
import type { Target, Wire } from './targets.ts'
import { WEATHER } from './want.ts'

/** Who asks whom what, and in which way. */
export interface Cell {
  readonly target: Target
  readonly caller: Caller
  readonly scenario: Scenario
  readonly stream: boolean
  readonly gaps: ReadonlySet<Gap>
}

/** Of a conversation what its upstream was asked, and the calls that the app was told of. */
export interface Asked {
  readonly turns: readonly Pick<Turn, 'sent' | 'wire' | 'calls'>[]
}

/** What the upstream should be asked in one turn. */
function dueOfSent(cell: Cell, { turns }: Asked, at: number): Partial<Sent> {
  const { target, caller, scenario, stream, gaps } = cell
  const { want, replies } = scenario
  const before = replies.slice(0, at)
  // What the app was told of them: their ids are the upstream's own, or tutti's where it gives none.
  const calls = turns
    .slice(0, at)
    .flatMap((turn) =>
      turn.calls.map((call) => (target.ids === 'none' && caller.name !== target.wire ? { ...call, id: '' } : call)),
    )
  return {
    user: [want.user, ...before.flatMap(({ toolCalls }) => (toolCalls ? [] : [AND_THEN]))],
    said: before.map(({ text = '' }) => text).join(''),
    images: want.image === undefined ? [] : [want.image],
    tools: want.tools === true ? [WEATHER] : [],
    calls,
    results: calls.map((call) => ({ id: call.id, name: call.name, text: resultOf(call) })),
    thoughts: gaps.has('thoughts')
      ? []
      : before.flatMap((reply) =>
          thoughtsOf(reply, cell, gaps.has('signature') ? 'chat' : (turns[at]?.wire ?? target.wire)),
        ),
    schema: gaps.has('schema') ? undefined : want.schema,
    stop: gaps.has('stop') ? [] : (want.stop ?? []),
    limit: want.limit,
    stream,
  }
}

/** Whose thoughts have a signature, and come back with it. */
const SIGNING: ReadonlySet<Wire> = new Set(['responses', 'messages', 'gemini', 'converse'])

/** An app of chat completions keeps standard members only: tutti remembers for it what its vendor wants back, by the ids of calls. */
function thoughtsOf(
  { reasoning, signature = '', toolCalls }: Reply,
  { caller, target }: Cell,
  wire: Wire,
): Sent['thoughts'] {
  const signs = SIGNING.has(wire)
  const remembered = toolCalls !== undefined && (signs || target.replays === true)
  if (reasoning === undefined || (caller.name === 'chat' && !remembered)) return []
  return [{ text: reasoning, signature: signs ? signature : '' }]
}

/** What an app should be told of a reply. */
function dueOfPlain(reply: Reply): Omit<Plain, 'finish'> {
  const { text = '', refusal = '', reasoning = '', toolCalls = [], usage = {} } = reply
  return {
    text,
    refusal,
    reasoning,
    calls: toolCalls.map(({ name, arguments: input = {} }) => ({ name, input })),
    usage: { input: usage.input ?? 0, output: usage.output ?? 0 },
  }
}

/** Holds a conversation against what was due: what the upstream was asked, turn by turn, and what the app was told. */
export function checkRun(cell: Cell, run: Run): void {
  const { turns } = run
  const { scenario, target } = cell
  expect(turns).toHaveLength(scenario.replies.length)
  for (const [at, turn] of turns.entries()) {
    const reply = scenario.replies[at] ?? {}
    // OpenAI has two forms, and is asked in the one that says more.
    if (turn.wire !== 'responses') expect(turn.wire).toBe(target.wire)
    checkSent(cell, run, at)
    checkPlain(cell, turn, { reply, finish: finishOf(scenario, target, at) })
  }
}

/** Who has a place for refusals, and calls their end an end like any other. */
const REFUSING: ReadonlySet<Wire> = new Set(['chat', 'responses'])
/** Who has nothing for them, and says them as text like any other. */
const TELLING: ReadonlySet<Wire> = new Set(['clova', 'ollama', 'workersAi'])

function finishOf({ finish, name }: Scenario, { wire }: Target, at: number): PlainFinish {
  return at > 0 || (name === 'refusal' && (REFUSING.has(wire) || TELLING.has(wire))) ? 'stop' : finish
}

/** Holds what an upstream was asked in one turn against what the app and its tools had said by then. */
export function checkSent(cell: Cell, run: Asked, at: number): void {
  const sent = run.turns[at]?.sent
  if (!sent) throw new Error('nothing was sent')
  const { system, thinking, ...got } = sent
  expect(got).toEqual(dueOfSent(cell, run, at))
  const { want } = cell.scenario
  expect(system).toContain(want.system)
  if (want.schema && cell.gaps.has('schema'))
    expect(parseJson(system.slice(system.indexOf('{'), system.lastIndexOf('}') + 1))).toEqual(want.schema)
  expect(thinking).toEqual(want.effort === undefined || cell.gaps.has('thinking') ? undefined : wordOf(cell))
}

/** What stands for much thinking: where both sides speak one dialect the caller's own word. */
function wordOf({ caller, target }: Cell): Json | undefined {
  if (caller.name !== target.wire) return target.high
  return caller.name === 'gemini' ? 'HIGH' : 'high'
}

function checkPlain(
  { caller, target }: Cell,
  { plain, calls }: Turn,
  { reply, finish }: { reply: Reply; finish: PlainFinish },
): void {
  const due = { ...dueOfPlain(reply), finish }
  const places = REFUSING.has(target.wire) && (caller.name === 'chat' || caller.name === 'responses')
  const said = places ? due : { ...due, text: due.text + due.refusal, refusal: '' }
  for (const field of ['text', 'refusal', 'reasoning', 'calls', 'finish'] as const)
    if (!same(field, { due: said, got: plain, estimated: false }))
      expect({ [field]: plain[field] }).toEqual({ [field]: said[field] })
  expect(plain.usage).toMatchObject(due.usage)
  // The ids that the upstream gave, where it gave any.
  const ids = (reply.toolCalls ?? []).map(({ id }) => (target.ids === undefined ? id : expect.stringMatching(/./)))
  expect(calls.map(({ id }) => id)).toEqual(ids)
}

/** Members that are each answer's own, and those that an official client adds or does not know: `cost`, thoughts of chat completions. */
const OWN: ReadonlySet<string> = new Set(
  'id call_id created created_at completed_at responseId createTime parsed parsed_arguments parsed_output output_text cost reasoning_content'.split(
    ' ',
  ),
)

/** An answer without them. */
export function comparable(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((own) => comparable(own) ?? null)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !OWN.has(name))
      .map(([name, own]) => [name, comparable(own) ?? null]),
  )
}
