// Law 3. No phantom block: a request whose worst case fits what is left is admitted, once dead holds have expired,
// after any crash.
import { describe } from 'vitest'
import { DRIVEN } from '../support/state-drivers-node.ts'
import { onEveryRedis } from '../support/state-drivers-redis.ts'
import { noPhantomBlock } from '../support/state-laws.ts'

describe.each(DRIVEN)('%s', (_, create, runs) => noPhantomBlock(create, runs))

onEveryRedis(noPhantomBlock)
