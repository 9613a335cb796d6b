import type { Endpoint } from '#src/core/endpoint.ts'
import type { Facts } from '#src/core/facts.ts'
import type { NanoUsd } from '#src/core/money.ts'
import { isNative } from '#src/core/native.ts'
import type { Factor, Price, PriceWindow, Rates, Tariff } from '#src/core/price.ts'
import type { Signals } from '#src/core/request.ts'
import type { Target } from '#src/core/target.ts'
import type { Usage } from '#src/core/usage.ts'
import { classesOf, tokens, type TokenClasses } from './classes.ts'

const MILLION = 1_000_000n
const BILLION = 1_000_000_000n

/** What counts for a price beside the usage. */
export interface Circumstances {
  /** When the attempt began, in ms since 1970. */
  readonly at: number
  /** The service tier that the request asks for. */
  readonly serviceTier?: string | undefined
  /** Where the target processes prompts. */
  readonly region?: string | undefined
}

/**
 * What `usage` costs at `price`, rounded up to a nano-USD once. A tier switches the whole request. A cached token is never dearer than it would
 * have been uncached: where a row says so, the other rate counts (law 4).
 */
export function costOf(price: Price, usage: Usage, circumstances: Circumstances): NanoUsd {
  const classes = classesOf(usage)
  const { tariff, factor } = tariffOf(price, windowAt(price, circumstances.at))
  const rates = ratesFor(tariff, classes.input)
  const factors = [factor, tierFactor(price, usage, circumstances), regionFactor(price, usage, circumstances)]
  return charge(price, { perMillion: sumOf(rates, classes), fees: feesOf(rates, BigInt(classes.searches)), factors })
}

/**
 * What caches saved: `usage` had none of it been read from one or written to one, less what it costs. Below 0 where writing cost more than
 * reading saved; undefined: no cache had to do with it.
 */
export function cacheSavings(price: Price, usage: Usage, circumstances: Circumstances): NanoUsd | undefined {
  if (tokens(usage.cachedInput) + tokens(usage.cacheWrite) === 0) return undefined
  const uncached = { ...usage, input: classesOf(usage).input, cachedInput: 0, cacheWrite: 0 }
  return costOf(price, uncached, circumstances) - costOf(price, usage, circumstances)
}

/** The window of a price that holds at a moment, in ms since 1970; undefined: none, its own rates hold. */
export function windowAt({ windows }: Price, at: number): PriceWindow | undefined {
  return windows?.find((window) => window.holds(at))
}

/** The rates that hold in a window, and what they are multiplied by. */
export function tariffOf(price: Price, window: PriceWindow | undefined): { tariff: Tariff; factor?: Factor } {
  if (!window) return { tariff: price }
  return 'rates' in window ? { tariff: window.rates } : { tariff: price, factor: window.factor }
}

function sumOf(rates: Rates, split: TokenClasses): bigint {
  const { input, output } = rates
  const written = rates.cacheWrite ?? input
  const [audio, image] = [rates.audioInput ?? input, rates.imageInput ?? input]
  const cached = rates.cachedInput ?? input
  return (
    BigInt(split.uncached) * input +
    BigInt(split.cached) * least(cached, input) +
    BigInt(split.written) * written +
    BigInt(split.writtenLong) * (rates.cacheWriteLong ?? written) +
    BigInt(split.audio) * audio +
    BigInt(split.cachedAudio) * least(rates.cachedAudio ?? cached, audio) +
    BigInt(split.image) * image +
    BigInt(split.cachedImage) * least(cached, image) +
    BigInt(split.output) * output +
    BigInt(split.reasoning) * (rates.reasoning ?? output) +
    BigInt(split.audioOutput) * (rates.audioOutput ?? output) +
    BigInt(split.imageOutput) * (rates.imageOutput ?? output)
  )
}

/** The answer's own word wins. Without one nobody granted a discount, but a dearer tier that was asked for may have served it. */
function tierFactor({ multipliers }: Price, usage: Usage, { serviceTier }: Circumstances): Factor | undefined {
  const factors = multipliers?.serviceTier
  if (usage.serviceTier !== undefined) return factorOf(factors, usage.serviceTier)
  const asked = factorOf(factors, serviceTier)
  return asked !== undefined && asked > BILLION ? asked : undefined
}

/** The target's region is for answers that say none. */
function regionFactor({ multipliers }: Price, usage: Usage, { region }: Circumstances): Factor | undefined {
  return factorOf(multipliers?.region, usage.region ?? region?.toLowerCase())
}

/** Upstreams choose the name: it may be that of something which every object has. */
function factorOf(factors: Readonly<Record<string, Factor>> = {}, name = ''): Factor | undefined {
  return Object.hasOwn(factors, name) ? factors[name] : undefined
}

/**
 * The most that an attempt may cost: what is held before it is sent (INTERFACE.md section 9, "Hold"), or what nothing limits although
 * it is not free.
 */
export function worstCase(price: Price, signals: Signals, facts: Facts): NanoUsd | 'input' | 'output' | 'searches' {
  const input = mostInput(signals, facts)
  const most = [dearestFactor(price.multipliers?.serviceTier), dearestFactor(price.multipliers?.region)]
  let worst = 0n
  // Whatever may hold when the attempt begins.
  for (const window of [undefined, ...(price.windows ?? [])]) {
    const { tariff, factor } = tariffOf(price, window)
    // A tier may be cheaper than the rates below it, so every one that this request can reach counts.
    const reachable = [tariff, ...(tariff.tiers ?? []).filter((tier) => input === undefined || tier.above < input)]
    const dearest = reachable.map(dearestOf).reduce(dearer)
    const read = dearest.input === 0n ? 0 : input
    const output = dearest.output === 0n ? 0n : mostOutput(signals, facts)
    const searches = dearest.search === 0n ? 0n : mostSearches(signals, facts)
    if (read === undefined) return 'input'
    if (output === undefined) return 'output'
    if (searches === undefined) return 'searches'
    const perMillion = BigInt(read) * dearest.input + output * dearest.output
    const fees = dearest.request + searches * dearest.search
    worst = greatest(worst, charge(price, { perMillion, fees, factors: [factor, ...most] }))
  }
  return worst
}

/**
 * The worst case of a request at a target; undefined: its price is not known. A limit on searches counts where the request goes as it came: no other
 * vendor's interface is sure to have one.
 */
export function worstAt(
  { facts, provider, model }: Target,
  endpoint: Endpoint,
  signals: Signals,
): ReturnType<typeof worstCase> | undefined {
  const limited = typeof signals.searches !== 'number' || isNative(provider.adapter, endpoint, model)
  return facts.price && worstCase(facts.price, limited ? signals : { ...signals, searches: 'any' }, facts)
}

/** Cached tokens never cost more than these. */
const INPUT = ['input', 'cacheWrite', 'cacheWriteLong', 'audioInput', 'imageInput'] as const
const OUTPUT = ['output', 'reasoning', 'audioOutput', 'imageOutput'] as const

/** The most that a token may cost, per 1M, and each fee. */
interface Dearest {
  readonly input: bigint
  readonly output: bigint
  readonly request: bigint
  readonly search: bigint
}

/** Rates live as long as their configuration, and every request under a budget asks. */
const dearestRates = new WeakMap<Rates, Dearest>()

function dearestOf(rates: Rates): Dearest {
  const known = dearestRates.get(rates)
  if (known) return known
  const most = (names: readonly (keyof Rates)[]) => names.map((name) => rates[name] ?? 0n).reduce(greatest, 0n)
  const dearest = {
    input: most(INPUT),
    output: most(OUTPUT),
    request: most(['perRequest']),
    search: most(['perSearch']),
  }
  dearestRates.set(rates, dearest)
  return dearest
}

function dearer(a: Dearest, b: Dearest): Dearest {
  return {
    input: greatest(a.input, b.input),
    output: greatest(a.output, b.output),
    request: greatest(a.request, b.request),
    search: greatest(a.search, b.search),
  }
}

/** Whatever an answer may name. */
function dearestFactor(factors: Readonly<Record<string, Factor>> | undefined): Factor | undefined {
  return factors && Object.values(factors).reduce(greatest, BILLION)
}

interface Charged {
  /** Tokens times rates per 1M. */
  readonly perMillion: bigint
  readonly fees: bigint
  readonly factors: readonly (Factor | undefined)[]
}

/** In nano-USD, rounded up once, here. */
function charge({ currency }: Price, { perMillion, fees, factors }: Charged): NanoUsd {
  let amount = perMillion
  let unit = MILLION
  for (const factor of factors) {
    if (factor === undefined) continue
    amount *= factor
    unit *= BILLION
  }
  amount += fees * unit
  if (currency) {
    amount *= BILLION
    unit *= currency.rate
  }
  return (amount + unit - 1n) / unit
}

function feesOf({ perRequest = 0n, perSearch = 0n }: Rates, searches: bigint): bigint {
  return perRequest + perSearch * searches
}

/** What nobody can measure may fill the model's context, and no request reads more than that; undefined: it is not known. */
function mostInput({ inputTokensWorst, unmeasured }: Signals, { context }: Facts): number | undefined {
  if (unmeasured === 0) return tokens(inputTokensWorst)
  return context === undefined ? undefined : tokens(Math.max(inputTokensWorst, context))
}

/** The rates of a request with so many tokens of input. */
export function ratesFor(tariff: Tariff, input: number): Rates {
  let rates: Rates = tariff
  for (const tier of tariff.tiers ?? []) if (input > tier.above) rates = tier
  return rates
}

/** The most tokens that may be written: the request's limit, else the model's, for each answer asked for. */
export function mostOutput(signals: Signals, facts: Facts | undefined): bigint | undefined {
  if (isEmbedding(signals)) return 0n
  const each = signals.outputLimit ?? facts?.maxOutput
  return each === undefined ? undefined : BigInt(tokens(each)) * choicesOf(signals)
}

/** How often a provider may search: as often as the request lets it, else as the model does at most, for each answer asked for; undefined: nobody says. */
function mostSearches(signals: Signals, { searchesUnasked, maxSearches }: Facts): bigint | undefined {
  const { searches } = signals
  if (searches === undefined && searchesUnasked !== true) return 0n
  const each = typeof searches === 'number' ? searches : maxSearches
  return each === undefined ? undefined : BigInt(tokens(each)) * choicesOf(signals)
}

function choicesOf({ choices }: Signals): bigint {
  return BigInt(Math.max(1, tokens(choices)))
}

/** True for a request for vectors: they are not written in tokens. */
export function isEmbedding(signals: Signals): boolean {
  return signals.needs.some((need) => need.capability === 'embeddings')
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function greatest(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
