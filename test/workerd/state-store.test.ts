// Durable Objects behind the suite that every store passes, with laws 2, 3 and 4: in workerd, all through messages.
import { afterAll, beforeAll, describe, inject } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import type { Driven, Runs } from '../support/state-driver.ts'
import { noOverspend, noPhantomBlock, oneBill } from '../support/state-laws.ts'
import { contractOf } from '../support/state-suite.ts'
import { startRemote, type Remote } from './state-client.ts'

/** A step is a message to another process and one more inside of it. */
const RUNS: Runs = { short: 200, share: 0.1 }

describe.skipIf(inject('bundles') === null)('durable objects', () => {
  let remote: Remote
  beforeAll(async () => {
    remote = await startRemote()
  })
  afterAll(() => remote?.close())

  /** Objects that nobody has asked before. */
  function create(): StateStore {
    return remote.fresh().store
  }

  /** A crash throws away what the objects have in memory, in the middle of everything. */
  function driven(): Driven {
    const { store, crash } = remote.fresh()
    return { store: () => store, crash: () => crash().then(() => true), end() {} }
  }

  contractOf(create)
  describe('law 2', () => noOverspend(driven, RUNS))
  describe('law 3', () => noPhantomBlock(driven, RUNS))
  describe('law 4', () => oneBill(driven, RUNS))
})
