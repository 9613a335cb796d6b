import type { Candidate, Decision, GuardRecord } from '#src/core/decision.ts'
import { FailureError } from '#src/core/failure.ts'
import { parseJson, type Json } from '#src/core/json.ts'
import { readMetadata, readTags } from '#src/core/labels.ts'
import type { Key } from '#src/core/key.ts'
import { instantOf } from '#src/core/moment.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { renderProblem } from '#src/config/problem.ts'
import { endpointOf, explainRequest } from '#src/pipeline/explain.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { parseArguments, textOf } from './arguments.ts'
import type { Command } from './command.ts'
import { gatewayAt } from './gateway-at.ts'
import { UsageError } from './usage-error.ts'

/** `tutti explain`: exits 0 when the request would be routed, 2 when it is denied, 1 for bad input. */
export const explainCommand: Command = {
  usage:
    'tutti explain [-c FILE] [--key ID] [--endpoint PATH] [--seed ID] [--tags A,B] [--metadata JSON] [--ip ADDRESS] [--country CC] [--time INSTANT] REQUEST.json [--json]',
  summary: 'Shows the decision that a request would get and why; asks no provider.',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      config: { type: 'string', short: 'c' },
      key: { type: 'string' },
      endpoint: { type: 'string' },
      seed: { type: 'string' },
      tags: { type: 'string' },
      metadata: { type: 'string' },
      ip: { type: 'string' },
      country: { type: 'string' },
      time: { type: 'string' },
      json: { type: 'boolean' },
    })
    const [file] = positionals
    if (file === undefined || positionals.length > 1)
      throw new UsageError('give one file that holds a request body as JSON')
    const loaded = await runtime.load(values.config, 'look')
    if (!loaded.snapshot) {
      for (const problem of loaded.problems) runtime.err(renderProblem(problem))
      return 1
    }
    const key = keyOf(loaded.snapshot, values.key)
    const question = {
      text: await textOf(file, runtime),
      endpoint: values.endpoint,
      ...(key && { key }),
      ...(values.seed !== undefined && { seed: values.seed }),
      tags: readTags(values.tags ?? ''),
      metadata: metadataOf(values.metadata),
      client: {
        ...(values.ip !== undefined && { ip: values.ip }),
        ...(values.country !== undefined && { country: values.country }),
      },
    }
    const gateway = gatewayOf(runtime.offline(loaded.snapshot), values.time)
    try {
      const endpoint = endpointOf(question.endpoint)
      const { decision, failure } = await explainRequest(gateway, {
        ...question,
        endpoint,
        path: values.endpoint,
      })
      if (loaded.demo) runtime.err('there is no tutti.yaml here and no `-c FILE`: this is the demo')
      if (decision.candidates.length === 0 && failure) runtime.err(failure.message)
      runtime.out(values.json ? JSON.stringify(decision, null, 2) : renderDecision(decision))
      return decision.outcome === 'route' ? 0 : 2
    } catch (error) {
      if (!(error instanceof FailureError)) throw error
      runtime.err(`${file}: ${error.failure.message}`)
      return 1
    }
  },
}

function gatewayOf(gateway: Gateway, time: string | undefined): Gateway {
  if (time === undefined) return gateway
  const now = instantOf(time)
  if (now === undefined)
    throw new UsageError('`--time` takes an instant with its offset, like `--time 2026-12-31T18:00:00+09:00`')
  return gatewayAt(gateway, now)
}

function metadataOf(text: string | undefined): Readonly<Record<string, Json>> {
  const metadata = text === undefined ? {} : readMetadata(parseJson(text))
  if (!metadata)
    throw new UsageError('`--metadata` is not a JSON object: write `--metadata \'{"data_class":"personal"}\'`')
  return metadata
}

/** Whose request it is. Where keys are needed it is somebody's: rules and budgets look at the key. */
function keyOf({ access, keysById }: Snapshot, id: string | undefined): Key | undefined {
  const key = id === undefined ? undefined : keysById.get(id)
  if (key || (id === undefined && access.mode !== 'keys')) return key
  const known = [...keysById.keys()].map((one) => `\`${one}\``).join(', ')
  throw new UsageError(
    id === undefined
      ? `say whose request it is by \`--key\`: ${known}`
      : `the configuration has no key \`${id}\`; it has ${known || 'none'}`,
  )
}

/** A decision as a person reads it: where it goes, then what may be asked in its order, then what may not and why. */
export function renderDecision(decision: Decision): string {
  const { request } = decision
  const limit = request.output_tokens_limit === undefined ? '' : `, at most ${request.output_tokens_limit} out`
  const needs = request.needs.length > 0 ? `, needs ${request.needs.join(', ')}` : ''
  const head =
    decision.outcome === 'route' ? `${decision.model} goes to ${decision.plan[0]}` : `${decision.model} is denied`
  const by = `epoch ${decision.epoch}${decision.key === undefined ? '' : `, key ${decision.key}`}`
  const ordered = decision.candidates.toSorted((a, b) => placeOf(a) - placeOf(b))
  const about = `  about ${request.input_tokens_estimate} tokens in${limit}${needs}; ${by}`
  return [
    head,
    about,
    ...renderChanges(decision),
    ...ordered.flatMap(renderCandidate),
    ...(decision.guards ?? []).map(renderGuard),
  ].join('\n')
}

/** What rules do to the request, whoever gets it. */
function renderChanges({ request, redacted, changes = [], labelled_by: labels = [] }: Decision): string[] {
  const { pii = [] } = request
  const kept = pii.filter((type) => !redacted?.types.includes(type))
  return [
    ...(kept.length > 0 ? [`  holds ${kept.join(', ')}`] : []),
    ...(redacted ? [`  ${redacted.types.join(', ')} taken out by ${redacted.rules.join(', ')}`] : []),
    ...changes.map(({ setting, value, rules }) => `  ${setting} ${JSON.stringify(value)} by ${rules.join(', ')}`),
    ...(labels.length > 0 ? [`  its answer is marked as made by a model by ${labels.join(', ')}`] : []),
  ]
}

function renderGuard({ rule, by, on, model }: GuardRecord): string {
  const whom = model ?? (by === 'webhook' ? 'its webhook' : undefined)
  const does = whom === undefined ? `looks for its ${by === 'literals' ? 'words' : by} in` : `asks ${whom} about`
  return `  guard ${rule} ${does} ${on.map((side) => (side === 'input' ? 'the request' : 'the answer')).join(' and ')}`
}

function placeOf({ rank = Number.MAX_SAFE_INTEGER }: Candidate): number {
  return rank
}

function renderCandidate(candidate: Candidate): string[] {
  const cost = candidate.cost_usd_estimate
  const money = cost === undefined ? '' : cost === null ? ', price unknown' : `, about $${cost}`
  const { reasons = [] } = candidate
  if (candidate.verdict === 'eligible') {
    const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : ''
    return [`  ${candidate.rank ?? '-'}. ${candidate.target}${money}${why}`, ...renderNotes(candidate)]
  }
  const by = candidate.rules ? ` by ${candidate.rules.join(', ')}` : ''
  const at = candidate.source === undefined ? '' : ` [${candidate.source}]`
  const [first = candidate.reason ?? candidate.code ?? '', ...evidence] = reasons
  const why = [first, ...evidence.filter((fact) => !first.includes(fact))]
  return [
    `  -  ${candidate.target}: ${candidate.verdict}${by}${at}`,
    ...why.map((reason) => `       ${reason}`),
    ...renderNotes(candidate),
  ]
}

function renderNotes({ transfer = [], shadow = [] }: Candidate): string[] {
  return [
    ...transfer.map(({ rule, basis }) => `       transfer permitted by ${rule}: ${basis}`),
    ...shadow.map(({ rule, reason, source }) => `       in shadow ${rule} [${source}]: ${reason}`),
  ]
}
