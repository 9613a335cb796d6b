import { respondInAll } from '#providers/demo/all-surfaces.ts'
import type { RequestRecord, Script } from '#providers/demo/script.ts'
import { createScriptedFetch } from '#providers/demo/scripted-fetch.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { createGateway, type TuttiGateway } from '#src/index.ts'
import { systemClock } from '#src/system-clock.ts'
import type { Plain } from '../../support/readers/plain.ts'
import type { Seen } from '../../clients/recorded/clients.ts'
import type { Caller } from './callers.ts'
import { resultOf, type Scenario } from './scenarios.ts'
import { SENT_READERS, wireAt, type Sent, type SentReader } from './sent.ts'
import { BINDING, configFor, type Target, type Wire } from './targets.ts'
import type { Call } from './want.ts'

/** What an app got, and what the upstream was asked for it. */
export interface Turn {
  readonly sent: Sent
  readonly wire: Wire
  readonly plain: Plain
  readonly calls: readonly Call[]
  readonly message: JsonObject
}

/** One conversation. */
export interface Run {
  readonly turns: readonly Turn[]
  /** Of all its turns, each once. */
  readonly warnings: readonly string[]
  readonly refused?: { readonly status: number; readonly param: string; readonly name: string }
}

/** One gateway before all targets, whose upstream is whatever script is played. */
export interface Stage {
  readonly gateway: TuttiGateway
  play(script: Script, seed: string): readonly RequestRecord[]
}

export async function openStage(targets: readonly Target[]): Promise<Stage> {
  let upstream = (_request: Request): Promise<Response> => Promise.reject(new TypeError('no script is played'))
  const gateway = await createGateway(configFor(targets), {
    fetch: (url, init) => upstream(new Request(url, init)),
    bindings: { [BINDING]: { run: (model: string, inputs: object) => runBound(upstream, model, inputs) } },
  })
  return {
    gateway,
    play(script, seed) {
      const records: RequestRecord[] = []
      upstream = createScriptedFetch(script, {
        clock: systemClock,
        seed,
        respond: respondInAll,
        onRequest: (record) => {
          records.push(record)
          return undefined
        },
      })
      return records
    },
  }
}

/** Workers AI as a worker has it: what is asked needs no address, and answers stand in no envelope. */
async function runBound(
  upstream: (request: Request) => Promise<Response>,
  model: string,
  inputs: object,
): Promise<Response> {
  const url = `https://binding.example/client/v4/accounts/own/ai/run/${model}`
  const response = await upstream(new Request(url, { method: 'POST', body: JSON.stringify(inputs) }))
  if (response.headers.get('content-type') !== 'application/json') return response
  const value = parseJson(await response.text())
  return Response.json(objectAt(value, 'result') ?? value, { status: response.status })
}

interface Cast {
  readonly stage: Stage
  readonly target: Target
  readonly caller: Caller
}

/** Plays a scenario before a caller, turn by turn as an app with tools does. */
export async function perform({ stage, target, caller }: Cast, scenario: Scenario, stream: boolean): Promise<Run> {
  const { replies, want, name } = scenario
  const records = stage.play(scriptOf(scenario, target), `${target.name}/${name}`)
  const ears = listening(stage.gateway)
  const turns: Turn[] = []
  let request = caller.request(want)
  for (const _reply of replies) {
    const asked = stream && caller.name === 'chat' ? { ...request, stream_options: { include_usage: true } } : request
    const seen = await caller.client({ ask: ears.ask, model: target.name, request: asked, stream })
    if (seen.error) return { turns, warnings: ears.warnings(), refused: refusalOf(seen, ears.body()) }
    const turn = turnOf(seen, records.at(-1), { target, caller, stream })
    turns.push(turn)
    const results = turn.calls.map((call) => ({ call, text: resultOf(call) }))
    request = caller.next(request, turn.message, results)
  }
  return { turns, warnings: ears.warnings() }
}

/** What its upstream answers. */
export function scriptOf({ replies, split }: Scenario, { usageIn }: Target): Script {
  const wire = split === undefined ? {} : { wire: { split } }
  const usage = usageIn === undefined ? {} : { usageIn }
  return { answers: replies.map((reply) => ({ reply: { ...reply, ...usage }, ...wire })) }
}

/** Hears what tutti says beside its answers. */
function listening(gateway: TuttiGateway) {
  const told = new Set<string>()
  let refusal: Json | undefined
  return {
    async ask(request: Request): Promise<Response> {
      const response = await gateway.fetch(request)
      const header = response.headers.get('x-tutti-warnings')
      for (const warning of header?.split('; ') ?? []) told.add(warning)
      if (response.status >= 400) refusal = parseJson(await response.clone().text())
      return response
    },
    warnings: () => [...told].toSorted(),
    body: () => refusal,
  }
}

function turnOf(
  { parts, final }: Seen,
  record: RequestRecord | undefined,
  { target, caller, stream }: Omit<Cast, 'stage'> & { readonly stream: boolean },
): Turn {
  if (!record) throw new Error('the upstream was not asked')
  const values = parts.filter(isObject)
  const message = caller.message(values, final)
  return {
    ...askedBy(record, target),
    plain: caller.read(values, stream),
    calls: caller.calls(message),
    message,
  }
}

/** What an upstream is asked, and in which form. */
export function askedBy({ url, headers, body }: RequestRecord, target: Target): Pick<Turn, 'sent' | 'wire'> {
  const { pathname, search } = new URL(url)
  const path = `${pathname}${search}`
  const wire = wireAt(path)
  if (!wire || !isObject(body)) throw new Error(`no form is asked for at ${path}`)
  return { wire, sent: readerOf(target, wire)(body, path, headers['accept'] ?? '') }
}

const readerOf = ({ read, wire }: Target, asked: Wire): SentReader =>
  (asked === wire ? read : undefined) ?? SENT_READERS[asked]

function refusalOf({ error }: Seen, body: Json | undefined) {
  return { status: error?.status ?? 0, param: paramIn(body), name: error?.name ?? '', message: error?.message ?? '' }
}

/** Where each dialect names the field. */
function paramIn(body: Json | undefined): string {
  const error = objectAt(body, 'error')
  const violations = (arrayAt(error, 'details') ?? []).flatMap((own) => arrayAt(own, 'fieldViolations') ?? [])
  const param = stringAt(error, 'param') ?? stringAt(objectAt(error, 'details'), 'param')
  return param ?? stringAt(violations[0], 'field') ?? ''
}
