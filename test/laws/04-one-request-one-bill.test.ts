// Law 4. One request, one bill: every outcome settles exactly once, repeated, late, or after a crash.
import { describe } from 'vitest'
import { DRIVEN } from '../support/state-drivers-node.ts'
import { onEveryRedis } from '../support/state-drivers-redis.ts'
import { oneBill } from '../support/state-laws.ts'

describe.each(DRIVEN)('%s', (_, create, runs) => oneBill(create, runs))

onEveryRedis(oneBill)
