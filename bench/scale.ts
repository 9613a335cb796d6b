const KB = 1024
const MB = 1024 * KB

/** How much of everything is measured. */
export interface Scale {
  readonly rounds: number
  /** Requests before anything is measured: the engine compiles what is hot. */
  readonly warmup: number
  /** Requests before each sample: whoever waited for its turn has nothing of its own in the caches. */
  readonly wake: number
  /** The most requests of one sample, and the most time for them in ms. */
  readonly requests: number
  readonly requestsMs: number
  /** Content events of one stream. */
  readonly events: number
  readonly bodies: readonly number[]
  readonly bodyRounds: number
  readonly bodyRequests: number
  /** Turns of each gateway that is measured without a network. */
  readonly spendingRounds: number
}

export const FULL: Scale = {
  rounds: 9,
  warmup: 20_000,
  wake: 1000,
  requests: 3000,
  requestsMs: 4000,
  events: 500,
  // The largest stays under the 20 MB that a configuration permits unless it says otherwise.
  bodies: [KB, 16 * KB, 256 * KB, MB, 5 * MB, 20 * MB - KB],
  bodyRounds: 3,
  bodyRequests: 12,
  spendingRounds: 150,
}

/** Whether everything runs; the figures mean nothing. */
export const SMOKE: Scale = {
  rounds: 1,
  warmup: 50,
  wake: 10,
  requests: 100,
  requestsMs: 1000,
  events: 20,
  bodies: [KB, MB],
  bodyRounds: 1,
  bodyRequests: 2,
  spendingRounds: 2,
}
