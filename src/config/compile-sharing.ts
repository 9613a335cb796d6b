import type { Json } from '#src/core/json.ts'
import { usd } from '#src/core/money.ts'
import type { Covering, Shared } from '#src/core/sharing.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { compilePattern } from '#src/core/wildcard.ts'
import { checkSubjects, type Subjects } from './check-subjects.ts'
import { limitsOf } from './compile-keys.ts'
import { type Context, isList, salvage } from './context.ts'
import { didYouMean } from './nearest.ts'
import { type BudgetFile, budgetSchema, type LimitsFile, limitsSchema } from './schema-sharing.ts'

interface Among {
  readonly subjects: Subjects
  readonly providers: ReadonlySet<string>
}

/** What callers of the file share; every fault is reported. */
export function compileSharing(
  { budgets, limits }: Readonly<Record<string, Json | undefined>>,
  among: Among,
  context: Context,
): Omit<Shared, 'onFailure'> {
  const filesOf = <File extends BudgetFile | LimitsFile>(
    section: string,
    value: Json | undefined,
    parse: (item: Json) => File | undefined,
  ): readonly File[] => {
    const names = new Set<string>()
    return (isList(value) ? value : []).flatMap((item, index) => {
      const file = parse(item)
      if (file) check(file, [section, index], { among, context, names })
      return file ?? []
    })
  }
  return {
    budgets: filesOf('budgets', budgets, (item) => salvage(budgetSchema, item)).map((file) => ({
      ...coveringOf(file),
      limit: usd(file.usd),
      per: file.per,
      ...(file.timeZone !== undefined && { timeZone: file.timeZone }),
      ...(file.alerts && { alerts: file.alerts }),
    })),
    limits: filesOf('limits', limits, (item) => salvage(limitsSchema, item)).map((file) => ({
      ...coveringOf(file),
      limits: limitsOf(file),
    })),
  }
}

interface Checking {
  readonly among: Among
  readonly context: Context
  readonly names: Set<string>
}

function check(
  { name, subjects, providers }: BudgetFile | LimitsFile,
  path: readonly (string | number)[],
  { among, context, names }: Checking,
): void {
  const { report } = context
  if (names.has(name)) {
    const message = `two of \`${path[0]}\` have the name ${report.shown([...path, 'name'])}`
    report.error({ path: [...path, 'name'], message, mend: 'rename one' })
  }
  names.add(name)
  checkSubjects(subjects, [...path, 'subjects'], { known: among.subjects, context, mend: 'it would cover nobody' })
  for (const [at, provider] of (providers ?? []).entries()) {
    if (among.providers.has(provider)) continue
    const place = [...path, 'providers', at]
    const message = `no provider is called ${report.shown(place)}${didYouMean(provider, among.providers)}`
    report.error({ path: place, message, mend: 'it would cover nothing' })
  }
}

function coveringOf({ name, each, subjects, models, providers }: BudgetFile | LimitsFile): Covering {
  const patterns = models?.map((pattern) => compilePattern(pattern))
  return {
    name,
    covers: compileSubjects(subjects),
    ...(each && { each }),
    ...(patterns && { models: (model: string) => patterns.some((matches) => matches(model)) }),
    ...(providers && { providers: new Set(providers) }),
    within: each === 'tenant' || each === 'key' || subjects?.tenants?.length === 1 || subjects?.keys?.length === 1,
  }
}
