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

export interface Metrics {
  decided(record: Decision & Settled): void
  refused(endpoint: string, status: number): void
  render(): string
}

/** Counters and histograms of one process, in Prometheus' text form. Labels come from the configuration, never from a caller. */
export function createMetrics(): Metrics {
  const requests = createCounter('tutti_requests_total', 'Requests by endpoint, target that served and status.')
  const attempts = createCounter('tutti_attempts_total', 'Attempts on the wire by target and outcome.')
  const tokens = createCounter('tutti_tokens_total', 'Tokens by target and class, reported by upstreams or estimated.')
  const cost = createCounter('tutti_cost_usd_total', 'Money by target.')
  const denied = createCounter('tutti_denied_total', 'Requests that were not routed, by endpoint and status.')
  const latency = createHistogram('tutti_request_seconds', 'Time from the request to its end.')
  const firstToken = createHistogram('tutti_first_token_seconds', 'Time from the request to the first content.')
  return {
    decided(record) {
      const { endpoint } = record
      const target = record.served_by ?? 'none'
      requests.add({ endpoint, target, status: record.status })
      if (record.outcome === 'deny') denied.add({ endpoint, status: record.status })
      for (const { target: tried, outcome } of record.attempts) attempts.add({ target: tried, outcome })
      tokens.add({ target, class: 'input' }, record.usage?.input_tokens)
      tokens.add({ target, class: 'output' }, record.usage?.output_tokens)
      if (record.cost_usd !== 'unknown') cost.add({ target }, record.cost_usd)
      latency.observe({ endpoint }, record.latency_ms / 1000)
      if (record.first_token_ms !== undefined) firstToken.observe({ endpoint }, record.first_token_ms / 1000)
    },
    refused(endpoint, status) {
      requests.add({ endpoint, target: 'none', status })
    },
    render: () =>
      [requests, attempts, tokens, cost, denied, latency, firstToken].map((metric) => metric.render()).join(''),
  }
}

type Labels = Readonly<Record<string, string | number>>

function createSeries<T>(fresh: () => T): { at(labels: Labels): T; readonly entries: ReadonlyMap<string, T> } {
  const entries = new Map<string, T>()
  return {
    entries,
    at(labels) {
      const wanted = renderLabels(labels)
      const name = entries.has(wanted) || entries.size < MAX_SERIES ? wanted : 'series="other"'
      let entry = entries.get(name)
      if (entry === undefined) {
        entry = fresh()
        entries.set(name, entry)
      }
      return entry
    },
  }
}

function createCounter(name: string, help: string) {
  const series = createSeries(() => ({ value: 0 }))
  return {
    add(labels: Labels, amount = 1): void {
      if (amount > 0) series.at(labels).value += amount
    },
    render(): string {
      let text = `# HELP ${name} ${help}\n# TYPE ${name} counter\n`
      for (const [labels, { value }] of series.entries) text += `${name}{${labels}} ${value}\n`
      return text
    },
  }
}

function createHistogram(name: string, help: string) {
  const series = createSeries((): Histogram => ({ counts: BUCKETS.map(() => 0), sum: 0, count: 0 }))
  return {
    observe(labels: Labels, seconds: number): void {
      const histogram = series.at(labels)
      histogram.sum += seconds
      histogram.count++
      const bucket = BUCKETS.findIndex((bound) => seconds <= bound)
      if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1
    },
    render(): string {
      let text = `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`
      for (const [labels, histogram] of series.entries) text += renderHistogram(name, labels, histogram)
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

function renderLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(String(value))}"`)
    .join(',')
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
