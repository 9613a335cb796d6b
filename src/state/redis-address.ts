/** Where a Redis listens, and as whom to talk to it. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
  readonly db: number
  readonly tls: boolean
}

const PORT = 6379

/**
 * Reads `redis://user:password@host:6379/0`, or `rediss://` for TLS. A wrong one throws what is wrong and how to mend it, without the url: it may
 * hold a password.
 */
export function readRedisUrl(url: string): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '')
    throw new Error('the url of the state is none of Redis: write `redis://host:6379`, or `rediss://host:6379` for TLS')
  if (parsed.search !== '' || parsed.hash !== '')
    throw new Error(
      'the url of the state has `?` or `#` in it: take that out, or write it as `%3F` and `%23` in a password',
    )
  const db = Number(parsed.pathname.slice(1))
  if (!Number.isInteger(db) || db < 0)
    throw new Error(
      'after the host of the url of the state only the number of a database may stand: `redis://host:6379/0`',
    )
  const { hostname } = parsed
  return {
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: parsed.port === '' ? PORT : Number(parsed.port),
    db,
    tls: parsed.protocol === 'rediss:',
    ...(parsed.username !== '' && { username: decoded(parsed.username) }),
    ...(parsed.password !== '' && { password: decoded(parsed.password) }),
  }
}

/** As it may be printed: without credentials. */
export function showAddress({ host, port, tls }: RedisAddress): string {
  return `${tls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('user or password in the url of the state has a `%` that is none: write it as `%25`')
  }
}
