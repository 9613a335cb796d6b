import type { Catalog } from '#src/core/catalog.ts'
import { guardedText } from '#src/core/guarded-text.ts'
import type { Asking, Guard, Looking, Means, Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { webhookKey } from '#src/core/webhook.ts'
import { schema, type GuardBody } from './schema.ts'

/**
 * `guard` refuses requests, and ends answers, in which something is found: one of its words or patterns, or what a webhook, a moderation model or a
 * decision model finds that it asks.
 */
export const guard: RuleKind = { field: 'guard', compile }

function compile(input: RuleInput<unknown>, _catalog: Catalog, means: Means): Rule {
  if (input.unknown !== undefined) throw new TypeError('`unknown` says nothing here: a `guard` asks for no facts')
  const body = schema.parse(input.body)
  const common = {
    // What was found is recorded under what it was found by: another text of the rule is another question.
    id: means.id(`${input.name}\n${JSON.stringify(body, withoutSecret)}`),
    input: body.on.includes('input'),
    output: body.on.includes('output'),
  }
  return {
    name: input.name,
    source: input.source,
    ...(input.reason !== undefined && { reason: input.reason }),
    appliesTo: compileSubjects(input.subjects),
    judge: () => undefined,
    guard: { ...common, ...howOf(body, means) },
  }
}

/** An id is written into logs. */
function withoutSecret(name: string, value: unknown): unknown {
  return name === 'secret' ? undefined : value
}

type Own<Kind> = Kind extends Guard ? Omit<Kind, 'id' | 'input' | 'output'> : never

/** Whatever the file writes beside it: one rule looks by itself, or asks one other. */
function howOf(body: GuardBody, means: Means): Own<Guard> {
  const { literals, patterns, webhook, moderation, decision } = body
  const ways = [literals ?? patterns, webhook, moderation, decision].filter((way) => way !== undefined)
  if (ways.length !== 1)
    throw new TypeError(
      'a `guard` looks for words and patterns, or asks one `webhook`, one `moderation` or one `decision`: make it several rules',
    )
  return askingOf(body, means) ?? lookingOf(body, means)
}

function askingOf({ webhook, moderation, decision }: GuardBody, means: Means): Own<Asking> | undefined {
  if (webhook) {
    const { timeout, url, ...more } = webhook
    if (more.secret !== undefined) webhookKey(more.secret)
    return { by: 'webhook', timeoutMs: timeout, url: means.url(url, webhook.local), ...more }
  }
  if (moderation) {
    const { timeout, ...more } = moderation
    return { by: 'moderation', timeoutMs: timeout, ...more }
  }
  if (decision) {
    const { timeout, ...more } = decision
    return { by: 'decision', timeoutMs: timeout, ...more }
  }
  return undefined
}

function lookingOf(body: GuardBody, means: Means): Own<Looking> {
  const literals = (body.literals ?? []).map(guardedText)
  const empty = (body.literals ?? []).find((_, index) => literals[index] === '')
  if (empty !== undefined)
    throw new TypeError(`\`${empty}\` holds nothing that is seen, so that it would be found everywhere`)
  const patterns = (body.patterns ?? []).map((pattern) => means.pattern(pattern))
  return {
    by: patterns.length > 0 ? 'patterns' : 'literals',
    ...(patterns.length === 0 && { longest: Math.max(...literals.map(({ length }) => length)) }),
    finds: (text) => literals.some((literal) => text.includes(literal)) || patterns.some((found) => found(text)),
  }
}
