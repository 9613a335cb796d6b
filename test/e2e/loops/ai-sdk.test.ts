// The Vercel AI SDK before every outbound form: its own loop through parallel tools with thoughts, and its structured output.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool, type LanguageModel } from 'ai'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import { parseJson, type Json } from '#src/core/json.ts'
import { CALLERS } from './callers.ts'
import { checkSent } from './check.ts'
import { expectedOf, type Gap } from './exceptions.ts'
import { askedBy, openStage, scriptOf, type Stage } from './run.ts'
import { resultOf, scenarioOf, type Scenario, type ScenarioName } from './scenarios.ts'
import { TARGETS, type Target, type Wire } from './targets.ts'
import { TRIP, WEATHER } from './want.ts'

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

const settings = {
  baseURL: 'http://tutti.test/v1',
  apiKey: 'sk-app',
  fetch: (url: string | URL | Request, init?: RequestInit) => stage.gateway.fetch(new Request(url, init)),
}

/** By the dialect that it speaks. */
const MODELS: Readonly<Record<string, (name: string) => LanguageModel>> = {
  chat: (name) => createOpenAI(settings).chat(name),
  // What it takes for itself: it names what was said before by the ids of items.
  responses: (name) => createOpenAI(settings).responses(name),
  messages: (name) => createAnthropic(settings)(name),
}
const SPEAKERS = CALLERS.filter(({ name }) => name in MODELS)

const THINKING = {
  openai: { reasoningEffort: 'high', reasoningSummary: 'auto', forceReasoning: true },
  anthropic: { thinking: { type: 'adaptive' }, effort: 'high' },
} as const

/** Of a model that it does not know it thinks that it has no schemas. */
const OUTPUT = { anthropic: { structuredOutputMode: 'outputFormat' } } as const

interface City {
  readonly city: string
  readonly days?: number
}

const weather = tool({
  description: WEATHER.description,
  inputSchema: jsonSchema<City>({ ...WEATHER.parameters, required: ['city'] }),
  execute: async (input) => resultOf({ id: '', name: WEATHER.name, input: { ...input } }),
})
const trip = Output.object({
  name: 'trip',
  schema: jsonSchema<{ city: string; stops: string[] }>({ ...TRIP, required: ['city', 'stops'] }),
})

let runs = 100_000

/** What is asked, and what the upstream is asked for it. */
function play(name: ScenarioName, target: Target) {
  const scenario = scenarioOf(name, ++runs)
  const records = stage.play(scriptOf(scenario, target), `${target.name}/${name}`)
  return { scenario, records }
}

/** Thoughts that OpenAI keeps it names by their ids. */
const ownGaps = (speaker: string, wire: Wire | undefined): readonly Gap[] =>
  speaker === 'responses' && wire === 'responses' ? ['thoughts'] : []

const nameOf = <Named extends { readonly name: string }>(one: Named) => [one.name, one] as const

describe.each(TARGETS.map(nameOf))('%s', (_target, target) => {
  describe.each(SPEAKERS.map(nameOf))('before the AI SDK that speaks %s', (speaker, caller) => {
    const askFor = ({ want }: Scenario) => ({
      model: MODELS[speaker]?.(target.name) ?? '',
      system: want.system,
      prompt: want.user,
      maxOutputTokens: want.limit,
      maxRetries: 0,
      providerOptions: want.effort === undefined ? OUTPUT : THINKING,
    })

    test('a loop through parallel tools', async () => {
      const whole = await loop(false)
      expect(await loop(true)).toEqual(whole)
    })

    async function loop(stream: boolean) {
      const { scenario, records } = play('parallel tools', target)
      const asked = { ...askFor(scenario), tools: { weather }, stopWhen: stepCountIs(4) }
      const result = stream ? streamText({ ...asked, onError: raise }) : await generateText(asked)
      const steps = (await result.steps).map((step) => ({
        text: step.text,
        thought: step.reasoningText,
        calls: step.toolCalls.map((call) => ({ id: call.toolCallId, name: call.toolName, input: jsonOf(call.input) })),
        results: step.toolResults.map(({ output }) => output),
        finish: step.finishReason,
        usage: [step.usage.inputTokens, step.usage.outputTokens],
      }))
      const [first, last] = scenario.replies
      const turns = records.map((record, at) => ({ ...askedBy(record, target), calls: steps[at]?.calls ?? [] }))
      expect(turns).toHaveLength(2)
      const expected = expectedOf({ target, caller, scenario: 'parallel tools' }, stream)
      const gaps = new Set([...expected.gaps, ...ownGaps(speaker, turns[1]?.wire)])
      for (const at of turns.keys()) checkSent({ target, caller, scenario, stream, gaps }, { turns }, at)
      const calls = (first?.toolCalls ?? []).map(({ name, arguments: input }) => ({ name, input }))
      // Its chat completions have no thoughts.
      const thought = speaker === 'chat' ? undefined : first?.reasoning
      expect(steps).toMatchObject([
        { text: '', thought, calls, finish: 'tool-calls', usage: [120, 60] },
        { text: last?.text, calls: [], finish: 'stop', usage: [120, 60] },
      ])
      return steps.map((step) => ({ ...step, calls: step.calls.map(({ name, input }) => ({ name, input })) }))
    }

    test('structured output', async () => {
      const whole = await structured(false)
      expect(await structured(true)).toEqual(whole)
    })

    async function structured(stream: boolean) {
      const { scenario, records } = play('structured output', target)
      const { gaps, refused } = expectedOf({ target, caller, scenario: 'structured output' }, stream)
      const asked = { ...askFor(scenario), output: trip }
      const give = async () => (stream ? streamText({ ...asked, onError: raise }) : await generateText(asked)).output
      if (refused !== undefined) {
        await expect(give()).rejects.toThrow()
        expect(records).toEqual([])
        return undefined
      }
      const output = await give()
      expect(output).toEqual(JSON.parse(scenario.replies[0]?.text ?? ''))
      const turns = records.map((record) => ({ ...askedBy(record, target), calls: [] }))
      checkSent({ target, caller, scenario, stream, gaps }, { turns }, 0)
      return output
    }
  })
})

const jsonOf = (value: unknown): Json => parseJson(JSON.stringify(value)) ?? null

function raise({ error }: { error: unknown }): never {
  throw error
}
