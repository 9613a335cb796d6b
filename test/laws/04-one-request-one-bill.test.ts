// Law 4. One request, one bill: every outcome settles exactly once, repeated, late, or after a crash.
import { describe } from 'vitest'
import { redisAbsent } from '../support/redis.ts'
import { DRIVEN } from '../support/state-drivers-node.ts'
import { drivenRedis } from '../support/state-drivers-redis.ts'
import { oneBill } from '../support/state-laws.ts'

describe.each(DRIVEN)('%s', (_, create, runs) => oneBill(create, runs))

describe.skipIf(redisAbsent()).each(drivenRedis())('%s', (_, create, runs) => oneBill(create, runs))
