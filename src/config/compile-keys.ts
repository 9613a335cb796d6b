import { isObject, type Json } from '#src/core/json.ts'
import type { Key, Limits } from '#src/core/key.ts'
import { usd } from '#src/core/money.ts'
import { endOf } from '#src/core/moment.ts'
import { type Context, isList, salvage } from './context.ts'
import { didYouMean } from './nearest.ts'
import { type KeyFile, keySchema } from './schema.ts'

export interface Keys {
  readonly byId: ReadonlyMap<string, Key>
  /** By the lower-case hex SHA-256 of the credential. */
  readonly byDigest: ReadonlyMap<string, Key>
}

/** What a pattern without `*` may name. */
interface Names {
  readonly routes: ReadonlySet<string>
  readonly providers: ReadonlySet<string>
}

/** SHA-256 of nothing: what hashing an unset variable gives. */
const DIGEST_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The callers of the file. */
export function compileKeys(value: Json | undefined, context: Context, names: Names): Keys {
  const byId = new Map<string, Key>()
  const byDigest = new Map<string, Key>()
  const { report } = context
  for (const [index, item] of (isList(value) ? value : []).entries()) {
    const file = salvage(keySchema, item)
    if (file === undefined) continue
    const path = ['keys', index]
    if (byId.has(file.id)) {
      report.error({
        path: [...path, 'id'],
        message: `two keys have the id ${report.shown([...path, 'id'])}`,
        mend: 'rename one',
      })
    }
    const other = byDigest.get(file.sha256)
    if (other !== undefined) {
      report.error({
        path: [...path, 'sha256'],
        message: 'two keys have this `sha256`',
        mend: 'make a new key with `tutti keys new`',
      })
    }
    checkDigest(file.sha256, [...path, 'sha256'], context)
    checkExpiry(file, [...path, 'expires'], context)
    checkPatterns(file, index, { context, names })
    const key = keyOf(file)
    byId.set(file.id, key)
    byDigest.set(file.sha256, key)
  }
  return { byId, byDigest }
}

/** The digest of the admin key, which must not be a caller's. */
export function adminDigest(value: Json | undefined, byDigest: Keys['byDigest'], context: Context): string | undefined {
  const sha256 = isObject(value) && typeof value.sha256 === 'string' ? value.sha256.toLowerCase() : undefined
  if (sha256 === undefined) return undefined
  const path = ['admin', 'sha256']
  checkDigest(sha256, path, context)
  if (byDigest.has(sha256)) {
    context.report.error({
      path,
      message: "the admin key is a caller's key too",
      mend: 'make a key of its own with `tutti keys new`',
    })
  }
  return sha256
}

function checkDigest(digest: string, path: readonly (string | number)[], { report }: Context): void {
  if (digest !== DIGEST_OF_NOTHING) return
  report.error({
    path,
    message: '`sha256` is the digest of an empty text',
    mend: 'the variable was empty when it was made; make it again',
  })
}

function checkExpiry({ expires }: KeyFile, path: readonly (string | number)[], { options, report }: Context): void {
  if ((endOf(expires ?? '') ?? Infinity) > options.now) return
  report.warning({ path, message: 'this key is not valid any more', mend: 'give it another `expires`, or remove it' })
}

/** A name that nothing has is a slip of the pen, and the caller would only see 404. */
function checkPatterns(file: KeyFile, index: number, with_: { context: Context; names: Names }): void {
  const { report } = with_.context
  const { routes, providers } = with_.names
  for (const [at, pattern] of (file.models ?? []).entries()) {
    if (pattern.includes('*') || routes.has(pattern)) continue
    const provider = pattern.slice(0, Math.max(0, pattern.indexOf('/')))
    if (providers.has(provider)) continue
    const path = ['keys', index, 'models', at]
    const message = `${report.shown(path)} is neither a name under \`models\` nor on one of the providers${didYouMean(pattern, routes)}`
    report.warning({ path, message })
  }
}

/** What a key may, by its line in a file or what was written in the place of one. */
export function keyOf(file: Omit<KeyFile, 'sha256'>): Key {
  const { budget, limits, strict, mints } = file
  const expires = endOf(file.expires ?? '')
  return {
    id: file.id,
    tags: file.tags ?? [],
    ...(file.tenant === undefined ? {} : { tenant: file.tenant }),
    ...(file.team === undefined ? {} : { team: file.team }),
    ...(file.user === undefined ? {} : { user: file.user }),
    ...(file.models === undefined ? {} : { models: file.models }),
    ...(strict === true && { strict }),
    ...(budget === undefined
      ? {}
      : { budget: { limit: usd(budget.usd), per: budget.per, ...(budget.alerts && { alerts: budget.alerts }) } }),
    ...(limits === undefined ? {} : { limits: limitsOf(limits) }),
    ...(expires !== undefined && { expires }),
    ...(mints !== undefined && { mints }),
  }
}

/** Without what is not written. */
export function limitsOf({ rpm, tpm, concurrency }: NonNullable<KeyFile['limits']>): Limits {
  return {
    ...(rpm === undefined ? {} : { rpm }),
    ...(tpm === undefined ? {} : { tpm }),
    ...(concurrency === undefined ? {} : { concurrency }),
  }
}
