import type { AccountSetting, Adapter } from '#src/core/adapter.ts'
import type { CompileOptions } from './context.ts'
import { didYouMean } from './nearest.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import type { ProviderFile } from './schema-provider.ts'

/** Settings of one account: the provider's, and its own over them. Empty ones are none. */
export interface AccountSettings {
  readonly values: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

interface At extends Pick<CompileOptions, 'hasBinding'> {
  readonly report: Report
  /** Of the provider. */
  readonly path: Path
}

type Written = Readonly<Record<string, string>> | undefined

/** The settings of each account in the order of the file; of a provider without `accounts` those of its only one. */
export function settingsOf(adapter: Adapter, file: ProviderFile, place: At): readonly AccountSettings[] {
  checkNames(adapter, file.settings, place)
  if (file.accounts === undefined) {
    return [merged(adapter, [file.settings], { ...place, keyed: isKeyed(file.apiKey) })]
  }
  return file.accounts.map((account, index) => {
    const at = { ...place, path: [...place.path, 'accounts', index], keyed: isKeyed(account.apiKey) }
    checkNames(adapter, account.settings, at)
    return merged(adapter, [file.settings, account.settings], at)
  })
}

function isKeyed(apiKey: string | undefined): boolean {
  return apiKey !== undefined && apiKey !== ''
}

function checkNames(adapter: Adapter, written: Written, { report, path }: At): void {
  const known = Object.keys(adapter.settings ?? {})
  const unknown = Object.keys(written ?? {}).filter((name) => !known.includes(name))
  for (const name of unknown) {
    const message = `\`${name}\` is no setting of ${adapter.title}${didYouMean(name, known)}`
    const list = known.map((one) => `\`${one}\``).join(', ')
    const mend = known.length === 0 ? 'remove it: there are none' : `there are ${list}`
    report.error({ path: [...path, 'settings', name], message, mend, at: 'key' })
  }
}

function merged(
  adapter: Adapter,
  written: readonly Written[],
  { report, path, hasBinding, keyed }: At & { readonly keyed: boolean },
): AccountSettings {
  const all: Readonly<Record<string, string>> = Object.assign({}, ...written)
  const values: Record<string, string> = {}
  const secrets: string[] = []
  for (const [name, setting] of Object.entries(adapter.settings ?? {})) {
    const value = all[name]
    if (value === undefined || value === '') {
      if (setting.required !== true && (setting.required === false || keyed)) continue
      reportMissing({ adapter, name, setting }, value, { report, path })
      continue
    }
    if (setting.binding && hasBinding?.(value) === false) reportUnbound(name, { report, path })
    values[name] = value
    if (setting.secret) secrets.push(value)
  }
  return { values, secrets }
}

function reportUnbound(name: string, { report, path }: At): void {
  report.error({
    path: [...path, 'settings', name],
    message: `the setting \`${name}\` names no binding that there is here: only a worker has them`,
    mend: 'bind it in wrangler.toml, or use a type that reaches the provider over the network',
  })
}

function reportMissing(
  { adapter, name, setting }: { readonly adapter: Adapter; readonly name: string; readonly setting: AccountSetting },
  value: string | undefined,
  { report, path }: At,
): void {
  const where = setting.required === true ? '' : ' where there is no `apiKey`'
  const what = value === undefined ? 'missing' : 'empty'
  report.error({
    path: [...path, 'settings', name],
    message: `the setting \`${name}\` is ${what}: ${adapter.title} needs it${where} (${setting.description})`,
    mend: setting.secret
      ? `write \`settings: { ${name}: "\${NAME}" }\` and set NAME in the environment`
      : `write \`settings: { ${name}: … }\``,
  })
}

/** What every account's address is once its settings are put in for `{name}`; undefined: one cannot be, which has been said. */
export function fillAddresses(
  template: string,
  settings: readonly AccountSettings[],
  at: At,
): readonly string[] | undefined {
  const filled = settings.map(({ values }) => fill(template, values, at))
  return filled.every((address) => address !== undefined) ? filled : undefined
}

function fill(template: string, values: Readonly<Record<string, string>>, { report, path }: At): string | undefined {
  let address = ''
  let at = 0
  for (;;) {
    const start = template.indexOf('{', at)
    if (start === -1) return address + template.slice(at)
    const end = template.indexOf('}', start)
    const name = template.slice(start + 1, end)
    const value = values[name]
    if (value === undefined) return undefined
    if (!isLabel(value)) {
      const message = `the setting \`${name}\` stands in the address, and holds a character that must not be there`
      report.error({
        path: [...path, 'settings', name],
        message,
        mend: 'letters, digits, `-`, `_` and `.` may be in it',
      })
      return undefined
    }
    address += template.slice(at, start) + value
    at = end + 1
  }
}

/** Letters, digits, `-`, `_` and `.`, a letter or digit first: it can neither end a host name nor climb in a path. */
function isLabel(value: string): boolean {
  if ('-_.'.includes(value.charAt(0)) || value.includes('..')) return false
  return Array.from(value.toLowerCase()).every(
    (char) => (char >= 'a' && char <= 'z') || (char >= '0' && char <= '9') || '-_.'.includes(char),
  )
}
