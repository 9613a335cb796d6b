/** Where a Redis listens, and as whom to talk to it. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
  readonly db: number
  readonly tls: boolean
}

/** What is wrong with a url, without any of it: it may hold a password. */
export interface BadRedisUrl {
  readonly wrong: string
  readonly mend: string
}

const PORT = 6379

/** Reads `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
export function readRedisUrl(url: string): RedisAddress | BadRedisUrl {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '')
    return {
      wrong: 'it is no url of a Redis',
      mend: 'write `redis://user:password@host:6379`, `rediss://` for TLS, and `%23` for `#`, `%2F` for `/` in a password',
    }
  if (parsed.search !== '' || parsed.hash !== '')
    return { wrong: 'it has a `?` or `#`', mend: 'take it out; in a password write `%3F` and `%23`' }
  const db = Number(parsed.pathname.slice(1))
  if (!Number.isInteger(db) || db < 0)
    return { wrong: 'after its host stands no number of a database', mend: 'write `redis://host:6379/0`' }
  const [username, password] = [decoded(parsed.username), decoded(parsed.password)]
  if (username === undefined || password === undefined)
    return { wrong: 'its user or password has a `%` that is none', mend: 'write `%25` for it' }
  const { hostname } = parsed
  return {
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: parsed.port === '' ? PORT : Number(parsed.port),
    db,
    tls: parsed.protocol === 'rediss:',
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
