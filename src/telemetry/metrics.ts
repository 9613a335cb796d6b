import type { Decision, Settled } from '#src/core/decision.ts'

/** Upper bounds of the latency histograms, in seconds. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

/** Distinct label sets one metric may have; what comes after is counted under `other`, so that no caller can grow the page. */
const MAX_SERIES = 1000

interface Histogram {
  readonly counts: number[]
  sum: number
  count: number
}

/** Whether the configuration writes a target; a caller can make up others without end. */
export type Written = (target: string) => boolean

export interface Metrics {
  decided(record: Decision & Settled, written?: Written): void
  refused(endpoint: string, status: number): void
  render(): string
}

/** Counters and histograms of one process, in Prometheus' text form. Labels come from the configuration, never from a caller. */
export function createMetrics(): Metrics {
  const requests = createCounter('tutti_requests_total', 'Requests by endpoint, target that served and status.', [
    'endpoint',
    'target',
    'status',
  ])
  const attempts = createCounter('tutti_attempts_total', 'Attempts by target and outcome.', ['target', 'outcome'])
  const tokens = createCounter(
    'tutti_tokens_total',
    'Tokens by target and class, reported by upstreams or estimated.',
    ['target', 'class'],
  )
  const deviations = createCounter(
    'tutti_price_deviations_total',
    'Answers whose reported cost is more than 5 % off the known price, by target.',
    ['target'],
  )
  const cost = createCounter('tutti_cost_usd_total', 'Money by target.', ['target'])
  const denied = createCounter('tutti_denied_total', 'Requests that were not routed, by endpoint and status.', [
    'endpoint',
    'status',
  ])
  const latency = createHistogram('tutti_request_seconds', 'Time from the request to its end.', ['endpoint'])
  const firstToken = createHistogram('tutti_first_token_seconds', 'Time from sending to the first content.', [
    'endpoint',
  ])
  return {
    decided(record, written = () => true) {
      const { endpoint } = record
      const label = (id: string): string => (written(id) ? id : `${id.slice(0, id.indexOf('/'))}/*`)
      const target = record.served_by === undefined ? 'none' : label(record.served_by)
      const status = String(record.status)
      requests.add([endpoint, target, status])
      if (record.outcome === 'deny') denied.add([endpoint, status])
      for (const { target: tried, outcome, cost_usd_by_price: expected } of record.attempts) {
        attempts.add([label(tried), outcome])
        if (expected !== undefined) deviations.add([label(tried)])
      }
      tokens.add([target, 'input'], record.usage?.input_tokens ?? 0)
      tokens.add([target, 'output'], record.usage?.output_tokens ?? 0)
      if (record.cost_usd !== 'unknown') cost.add([target], record.cost_usd)
      latency.observe([endpoint], record.latency_ms / 1000)
      if (record.first_token_ms !== undefined) firstToken.observe([endpoint], record.first_token_ms / 1000)
    },
    refused(endpoint, status) {
      requests.add([endpoint, 'none', String(status)])
    },
    render: () =>
      [requests, attempts, tokens, cost, deviations, denied, latency, firstToken]
        .map((metric) => metric.render())
        .join(''),
  }
}

/** Values of a metric's labels, in the order of their names. */
type Values = readonly string[]

interface Series<T> {
  at(values: Values): T
  /** Each with its labels as Prometheus writes them. */
  rendered(): readonly (readonly [labels: string, entry: T])[]
}

/** Labels are written out when somebody reads them: counting is on every request's way. */
function createSeries<T>(labels: readonly string[], fresh: () => T): Series<T> {
  const entries = new Map<string, { readonly values: Values; readonly entry: T }>()
  let others: T | undefined
  return {
    at(values) {
      const name = values.length === 1 ? (values[0] ?? '') : values.join('\n')
      const known = entries.get(name)
      if (known) return known.entry
      if (entries.size >= MAX_SERIES) return (others ??= fresh())
      const entry = fresh()
      entries.set(name, { values, entry })
      return entry
    },
    rendered() {
      const all = [...entries.values()].map(({ values, entry }) => [renderLabels(labels, values), entry] as const)
      return others === undefined ? all : [...all, ['series="other"', others]]
    },
  }
}

function createCounter(name: string, help: string, labels: readonly string[]) {
  const series = createSeries(labels, () => ({ value: 0 }))
  return {
    add(values: Values, amount = 1): void {
      if (amount > 0) series.at(values).value += amount
    },
    render(): string {
      let text = `# HELP ${name} ${help}\n# TYPE ${name} counter\n`
      for (const [own, { value }] of series.rendered()) text += `${name}{${own}} ${value}\n`
      return text
    },
  }
}

function createHistogram(name: string, help: string, labels: readonly string[]) {
  const series = createSeries(labels, (): Histogram => ({ counts: BUCKETS.map(() => 0), sum: 0, count: 0 }))
  return {
    observe(values: Values, seconds: number): void {
      const histogram = series.at(values)
      histogram.sum += seconds
      histogram.count++
      const bucket = BUCKETS.findIndex((bound) => seconds <= bound)
      if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1
    },
    render(): string {
      let text = `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`
      for (const [own, histogram] of series.rendered()) text += renderHistogram(name, own, histogram)
      return text
    },
  }
}

function renderHistogram(name: string, labels: string, histogram: Histogram): string {
  let text = ''
  let below = 0
  for (const [index, bound] of BUCKETS.entries()) {
    below += histogram.counts[index] ?? 0
    text += `${name}_bucket{${labels},le="${bound}"} ${below}\n`
  }
  text += `${name}_bucket{${labels},le="+Inf"} ${histogram.count}\n`
  return `${text}${name}_sum{${labels}} ${histogram.sum}\n${name}_count{${labels}} ${histogram.count}\n`
}

function renderLabels(names: readonly string[], values: Values): string {
  return names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`).join(',')
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
