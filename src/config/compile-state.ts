import { readRedisUrl } from '#src/core/redis-address.ts'
import { DEFAULT_STATE_PATH, DEFAULT_STATE_PREFIX } from './defaults.ts'
import type { Context } from './context.ts'
import type { SettingsFile } from './schema.ts'

/** Where limits and spending are kept. */
export type StateSettings =
  | { readonly driver: 'memory' }
  | { readonly driver: 'sqlite'; readonly path: string }
  | RedisSettings

export interface RedisSettings {
  readonly driver: 'redis'
  /** Of one server, or of nodes of a cluster. */
  readonly urls: readonly [string, ...string[]]
  readonly cluster: boolean
  /** What all keys begin with. */
  readonly prefix: string
}

/** Fields that one driver has. */
const OWN = { path: 'sqlite', url: 'redis', cluster: 'redis', prefix: 'redis' } as const

export function compileState({ state = {} }: SettingsFile, context: Context): StateSettings {
  const { report } = context
  for (const name of ['path', 'url', 'cluster', 'prefix'] as const) {
    if (state[name] === undefined || state.driver === OWN[name]) continue
    const message = `\`${name}\` belongs to \`driver: ${OWN[name]}\``
    report.error({ path: ['state', name], message, mend: `write \`driver: ${OWN[name]}\`, or remove it`, at: 'key' })
  }
  switch (state.driver) {
    case 'sqlite':
      return { driver: 'sqlite', path: state.path ?? DEFAULT_STATE_PATH }
    case 'redis':
      return redisOf(state, context) ?? { driver: 'memory' }
    default:
      return { driver: 'memory' }
  }
}

/** undefined: reported. */
function redisOf(state: NonNullable<SettingsFile['state']>, { report }: Context): RedisSettings | undefined {
  const { url = [], prefix = DEFAULT_STATE_PREFIX } = state
  const urls = typeof url === 'string' ? [url] : url
  const cluster = state.cluster ?? urls.length > 1
  for (const [at, one] of urls.entries()) {
    const path = typeof url === 'string' ? ['state', 'url'] : ['state', 'url', at]
    const read = readRedisUrl(one)
    if ('wrong' in read) report.error({ path, message: `\`url\`: ${read.wrong}`, mend: read.mend })
    else if (cluster && read.db !== 0)
      report.error({ path, message: '`url`: a cluster has one database', mend: 'leave out the number after its host' })
  }
  const [first, ...others] = urls
  if (first === undefined) {
    const mend = 'write `url: "${REDIS_URL}"`'
    report.error({ path: ['state', 'url'], message: '`driver: redis` needs a `url`', mend })
    return undefined
  }
  if (!cluster && others.length > 0) {
    const mend = 'leave one, or remove `cluster: false`'
    report.error({ path: ['state', 'url'], message: 'several urls are those of a cluster', mend, at: 'key' })
  }
  return { driver: 'redis', urls: [first, ...others], cluster, prefix }
}
