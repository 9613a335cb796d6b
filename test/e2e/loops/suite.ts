import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adapters } from '#providers/registry.ts'
import { CALLERS, goingOn, type Caller } from './callers.ts'
import { checkRun, comparable } from './check.ts'
import { expectedOf } from './exceptions.ts'
import { openStage, perform, type Run, type Stage } from './run.ts'
import { SCENARIOS, scenarioOf, type ScenarioName } from './scenarios.ts'
import type { Target } from './targets.ts'

/** Every caller before every target, in every scenario, streamed and not. */
export function prove(targets: readonly Target[]): void {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(targets)
  })
  afterAll(() => stage.gateway.close())
  let conversations = 0

  /** One conversation. What is special about it stands in the table of exceptions, and nowhere else. */
  async function play(cast: Cast, name: ScenarioName, stream: boolean): Promise<Run> {
    const { warnings, gaps, refused } = expectedOf({ ...cast, scenario: name }, stream)
    const scenario = scenarioOf(name, ++conversations)
    const run = await perform({ ...cast, stage }, scenario, stream)
    if (refused === undefined) {
      expect(run.refused).toBeUndefined()
      checkRun({ ...cast, scenario, stream, gaps }, run)
    } else {
      expect(run).toMatchObject({ turns: [], refused: { status: 400, param: refused } })
    }
    expect(run.warnings).toEqual(warnings)
    return run
  }

  async function proveCell(cast: Cast, name: ScenarioName): Promise<void> {
    const whole = await play(cast, name, false)
    const stream = await play(cast, name, true)
    // Law 7.
    expect(toldIn(stream)).toEqual(toldIn(whole))
  }

  describe.each(named(targets))('%s', (_target, target) => {
    describe.each(named(CALLERS))('before %s', (_caller, caller) => {
      test.each(SCENARIOS)('%s', (name) => proveCell({ target, caller }, name))
    })
    // Who speaks Responses itself knows by itself what was said before.
    if (adapters.get(target.type)?.endpoints.includes('responses') === true) return
    test('before responses that go on from kept ones: parallel tools', () =>
      proveCell({ target, caller: goingOn }, 'parallel tools'))
  })
}

interface Cast {
  readonly target: Target
  readonly caller: Caller
}

const named = <Named extends { readonly name: string }>(all: readonly Named[]) =>
  all.map((one) => [one.name, one] as const)

const toldIn = ({ turns }: Run) => turns.map(({ plain, message }) => ({ plain, message: comparable(message) }))
