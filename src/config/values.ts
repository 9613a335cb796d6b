import type { Json } from '#src/core/json.ts'
import { type Environment, replaceReferences } from './environment.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import type { Located } from './source.ts'

/** The file's values as it writes them: references as text. */
export function rawValue(located: Located): Json {
  return build(located, [], (text) => text)
}

/**
 * The file's values with every reference replaced. A missing variable is an error or a note, as asked; of its place nothing more is said then.
 */
export function replacedValue(
  located: Located,
  environment: Environment,
  to: { report: Report; missing: 'error' | 'note' },
): Json {
  return build(located, [], (text, path) => {
    if (!text.includes('${')) return text
    const replaced = replaceReferences(text, environment)
    for (const { value, reference } of replaced.used) to.report.hide(value, reference)
    if (replaced.malformed !== undefined) {
      to.report.error({ path, message: replaced.malformed, mend: 'a literal `${` is written `$${`' })
    }
    for (const remark of replaced.missing) to.report[to.missing]({ path, ...remark, also: true })
    if (replaced.malformed !== undefined || replaced.missing.length > 0) to.report.silence(path)
    return replaced.text
  })
}

function build(located: Located, path: Path, text: (value: string, path: Path) => string): Json {
  const { content } = located
  if (content.kind === 'scalar') return typeof content.value === 'string' ? text(content.value, path) : content.value
  if (content.kind === 'list') return content.items.map((item, index) => build(item, [...path, index], text))
  return Object.fromEntries([...content.entries].map(([name, entry]) => [name, build(entry, [...path, name], text)]))
}
