// LangChain before every outbound form: a loop through parallel tools with thoughts, and structured output.
import {
  type AIMessage,
  type AIMessageChunk,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type BaseMessage,
} from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import { numberAt, parseJson, stringAt, type Json } from '#src/core/json.ts'
import { CALLERS } from './callers.ts'
import { checkSent } from './check.ts'
import { expectedOf, type Gap } from './exceptions.ts'
import { askedBy, openStage, scriptOf, type Stage } from './run.ts'
import { resultOf, scenarioOf, type Scenario, type ScenarioName } from './scenarios.ts'
import { TARGETS, type Target, type Wire } from './targets.ts'
import { TRIP, WEATHER, type Call } from './want.ts'

vi.mock('#providers/registry.ts', async (original) => {
  const [{ adapters }, { withResponsesAlone }] = await Promise.all([
    original<{ adapters: ReadonlyMap<string, Adapter> }>(),
    import('./by-responses.ts'),
  ])
  return { adapters: withResponsesAlone(adapters) }
})

let stage: Stage
beforeAll(async () => {
  stage = await openStage(TARGETS)
})
afterAll(() => stage.gateway.close())

const SPEAKERS = CALLERS.filter(({ name }) => name === 'chat' || name === 'responses')

let runs = 200_000

/** What is asked, and what the upstream is asked for it. */
function play(name: ScenarioName, target: Target) {
  const scenario = scenarioOf(name, ++runs)
  const records = stage.play(scriptOf(scenario, target), `${target.name}/${name}`)
  return { scenario, records }
}

function modelFor({ want }: Scenario, target: Target, useResponsesApi: boolean): ChatOpenAI {
  return new ChatOpenAI({
    model: target.name,
    apiKey: 'sk-app',
    maxRetries: 0,
    maxTokens: want.limit,
    useResponsesApi,
    streamUsage: true,
    configuration: {
      baseURL: 'http://tutti.test/v1',
      fetch: (url, init) => stage.gateway.fetch(new Request(url instanceof Request ? url : String(url), init)),
    },
    ...(want.effort && {
      modelKwargs: useResponsesApi
        ? { reasoning: { effort: want.effort, summary: 'auto' } }
        : { reasoning_effort: want.effort },
    }),
  })
}

/** Thoughts that OpenAI keeps too it names by their ids, with their summary. */
const ownGaps = (speaker: string, wire: Wire | undefined): readonly Gap[] =>
  speaker === 'responses' && wire === 'responses' ? ['signature'] : []

const nameOf = <Named extends { readonly name: string }>(one: Named) => [one.name, one] as const
const jsonOf = (value: unknown): Json => parseJson(JSON.stringify(value)) ?? null

describe.each(TARGETS.map(nameOf))('%s', (_target, target) => {
  describe.each(SPEAKERS.map(nameOf))('before LangChain that speaks %s', (speaker, caller) => {
    test('a loop through parallel tools', async () => {
      const whole = await loop(false)
      expect(await loop(true)).toEqual(whole)
    })

    async function loop(stream: boolean) {
      const { scenario, records } = play('parallel tools', target)
      const { want, replies } = scenario
      const model = modelFor(scenario, target, speaker === 'responses').bindTools([
        { type: 'function', function: WEATHER },
      ])
      const said: BaseMessage[] = [new SystemMessage(want.system), new HumanMessage(want.user)]
      const steps: {
        readonly text: string
        readonly thought: string
        readonly calls: readonly Call[]
        readonly usage: Json
      }[] = []
      for (const _reply of replies) {
        const answer = stream ? await collected(await model.stream(said)) : await model.invoke(said)
        const calls = (answer.tool_calls ?? []).map(({ id = '', name, args }) => ({ id, name, input: jsonOf(args) }))
        steps.push({ text: answer.text, thought: thoughtOf(answer), calls, usage: usageOf(answer) })
        said.push(answer, ...calls.map((call) => new ToolMessage({ tool_call_id: call.id, content: resultOf(call) })))
      }
      const turns = records.map((record, at) => ({ ...askedBy(record, target), calls: steps[at]?.calls ?? [] }))
      expect(turns).toHaveLength(2)
      const expected = expectedOf({ target, caller, scenario: 'parallel tools' }, stream)
      const gaps = new Set([...expected.gaps, ...ownGaps(speaker, turns[1]?.wire)])
      for (const at of turns.keys()) checkSent({ target, caller, scenario, stream, gaps }, { turns }, at)
      const calls = (replies[0]?.toolCalls ?? []).map(({ name, arguments: input }) => ({ name, input }))
      // Of chat completions it has no thoughts.
      const thought = speaker === 'chat' ? '' : replies[0]?.reasoning
      expect(steps).toMatchObject([
        { text: '', thought, calls, usage: [120, 60] },
        { text: replies[1]?.text, calls: [], usage: [120, 60] },
      ])
      return steps.map((step) => ({ ...step, calls: step.calls.map(({ name, input }) => ({ name, input })) }))
    }

    test('structured output', async () => {
      const { scenario, records } = play('structured output', target)
      const { gaps, refused } = expectedOf({ target, caller, scenario: 'structured output' }, false)
      const { want, replies } = scenario
      const model = modelFor(scenario, target, speaker === 'responses').withStructuredOutput(TRIP, {
        name: 'trip',
        method: 'jsonSchema',
        strict: true,
      })
      const asked = model.invoke([new SystemMessage(want.system), new HumanMessage(want.user)])
      if (refused !== undefined) {
        await expect(asked).rejects.toThrow()
        return
      }
      expect(await asked).toEqual(JSON.parse(replies[0]?.text ?? ''))
      const turns = records.map((record) => ({ ...askedBy(record, target), calls: [] }))
      checkSent({ target, caller, scenario, stream: false, gaps }, { turns }, 0)
    })
  })
})

async function collected(chunks: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let all: AIMessageChunk | undefined
  for await (const chunk of chunks) all = all ? all.concat(chunk) : chunk
  if (!all) throw new Error('nothing came')
  return all
}

function thoughtOf({ contentBlocks }: AIMessage | AIMessageChunk): string {
  return contentBlocks
    .map((block) => (block.type === 'reasoning' ? (stringAt(jsonOf(block), 'reasoning') ?? '') : ''))
    .join('')
}

const usageOf = (answer: AIMessage | AIMessageChunk): Json => {
  const usage = jsonOf(answer.usage_metadata)
  return [numberAt(usage, 'input_tokens') ?? 0, numberAt(usage, 'output_tokens') ?? 0]
}
