import type { Dialect } from '#src/core/dialect.ts'
import type { Key } from '#src/core/key.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { threadOf, type Thread } from '#src/core/thread.ts'
import type { Warm } from '#src/routing/estimates.ts'
import type { Gateway } from './gateway.ts'
import { ownerOf } from './memory.ts'

/** What a request has to do with the prompt caches of providers. */
export interface PromptCache {
  /** Absent: nobody asks where it goes on. */
  readonly thread?: Thread | undefined
  /** What is known of the conversation that it goes on from. */
  readonly warm?: Warm | undefined
  /** The name under which a provider may cache it, the same for the whole conversation and for no other caller; absent: it is not to be marked. */
  readonly key?: string
}

interface Question {
  readonly snapshot: Snapshot
  readonly key?: Key | undefined
  readonly request: ApiRequest
}

const NONE: PromptCache = {}
/** In hexadecimal digits. */
const KEY_LENGTH = 32

/** Reads it: live and for `explain`. Conversations are known by their caller's key and the name asked for, so that nobody meets another's (law 13). */
export async function promptCacheOf(
  { ports }: Gateway,
  { turns }: Dialect,
  { snapshot, key, request }: Question,
): Promise<PromptCache> {
  const { sticky, mark } = snapshot.routes.get(request.model) ?? {}
  if (!turns || !(sticky || mark)) return NONE
  const thread = threadOf(request.body, turns, JSON.stringify([ownerOf(key), request.model]))
  if (!thread) return NONE
  return {
    ...(sticky && { thread, warm: ports.estimates.warm(thread.earlier, ports.clock.now()) }),
    ...(mark && { key: (await ports.hash(thread.begun)).slice(0, KEY_LENGTH) }),
  }
}
