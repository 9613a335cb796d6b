// Four dialects before every form that vendors have of their own, each through its official client: loops through tools, images,
// structured output, thoughts, letters, ends. A stream is what the whole answer is (law 7), and nothing is lost in silence (law 8).
import { vi } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import { prove } from './suite.ts'
import { TARGETS } from './targets.ts'

vi.mock('#providers/registry.ts', async (original) => {
  const [{ adapters }, { withResponsesAlone }] = await Promise.all([
    original<{ adapters: ReadonlyMap<string, Adapter> }>(),
    import('./by-responses.ts'),
  ])
  return { adapters: withResponsesAlone(adapters) }
})

prove(TARGETS)
