import type { Verdict } from '#src/core/decision.ts'
import { failure, type Failure } from '#src/core/failure.ts'
import type { Finding } from './verdict.ts'

/**
 * Why a name that the caller may use gives no target: the verdict nearest to success among its targets decides the status
 * (INTERFACE.md section 9, "404 or 403"). `findings` are in the order of the file, none of them eligible.
 */
export function refuse(model: string, findings: readonly Finding[], now: number): Failure {
  const of = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict)
  const [ill, poor, unable] = [of('unhealthy'), of('over_budget'), of('incapable')]
  if (ill.length > 0) return noHealthy(model, ill, now)
  if (poor[0]) return noBudget(model, poor[0])
  if (unable[0]) return noCapable(model, unable[0])
  return policyDenied(model, findings)
}

function noHealthy(model: string, ill: readonly Finding[], now: number): Failure {
  const wait = Math.min(...ill.map(({ until = now }) => until - now))
  const message = `no healthy target of \`${shown(model)}\` is left: ${ill[0]?.reason ?? ''}`
  return failure('no_healthy_target', message, { retryAfterMs: Math.max(1, wait) })
}

function noBudget(model: string, { code, reason }: Finding): Failure {
  const message = `no target of \`${shown(model)}\` fits the budget: ${reason ?? ''}`
  return failure('budget_exceeded', message, {
    shouldRetry: false,
    ...(code !== undefined && { details: { reason: code } }),
  })
}

function noCapable(model: string, { reason, param }: Finding): Failure {
  const message = `no target of \`${shown(model)}\` can do what is asked: ${reason ?? ''}`
  return failure('no_capable_target', message, { param: param ?? null })
}

function policyDenied(model: string, findings: readonly Finding[]): Failure {
  const objections = findings.flatMap((finding) => finding.objections ?? [])
  const rules = [...new Set(objections.map(({ rule }) => rule))].toSorted()
  // One that stops all of them says more than one that stops some.
  const denies = (rule: string): boolean =>
    findings.every((finding) => finding.objections?.some((objection) => objection.rule === rule))
  const rule = rules.find(denies) ?? rules[0] ?? ''
  const reason = objections.find((objection) => objection.rule === rule)?.reason ?? ''
  for (const code of ['policy_error', 'policy_conflict'] as const) {
    const broken = objections.find((objection) => objection.code === code)
    if (broken) return failure(code, broken.reason, { details: { rule: broken.rule, rules, reason: broken.reason } })
  }
  const message = `policy denies every target of \`${shown(model)}\`: ${reason}`
  return failure('policy_denied', message, { details: { rule, rules, reason } })
}

/** Names in messages are cut to this length. */
const SHOWN_LENGTH = 128

function shown(name: string): string {
  return name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name
}
