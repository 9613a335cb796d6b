import type { Located, Source } from './source.ts'
import { byPlace, formatPath, type Path, type Problem, type Severity } from './problem.ts'

/** What is said of one place of the file. */
export interface Remark {
  readonly path: Path
  readonly message: string
  readonly mend?: string
  /** Point at the key instead of the value. */
  readonly at?: 'key'
  /** Said also where something is said already. */
  readonly also?: true
}

/** Collects problems with their places; says nothing twice about one place, and nothing that came from outside the file. */
export interface Report {
  error(remark: Remark): void
  warning(remark: Remark): void
  note(remark: Remark): void
  /** Said of an offset, where there is no value. */
  errorAt(offset: number, remark: Remark): void
  /** The text that the file itself writes there, in backticks; a secret field gives an empty one. */
  shown(path: Path): string
  /** `tutti.yaml:31:5`: of a mapping's entry the place of its key. */
  place(path: Path): string
  /** From here on nothing more is said about this place: what it holds is not known. */
  silence(path: Path): void
  /** Text that must not be shown: it is replaced by the reference that gave it. */
  hide(value: string, reference: string): void
  problems(): readonly Problem[]
  failed(): boolean
}

/** Fields whose text is never shown. */
const SECRET = new Set(['apiKey', 'sha256', 'headers', 'proxy', 'ca', 'baseUrl', 'settings', 'url'])
/** A shorter one gives nothing away, and would tear words apart. */
const MIN_HIDDEN = 3

export function createReport(source: Source, file: string): Report {
  const problems: Problem[] = []
  const hidden = new Map<string, string>()
  const silent = new Set<string>()
  const wrong = new Set<string>()

  const add = (severity: Severity, offset: number, remark: Remark) => {
    const path = formatPath(remark.path)
    if (severity !== 'note' && isSilent(remark.path)) return
    const { message, mend } = remark
    if (severity === 'error') wrong.add(path)
    const place = { file, ...source.position(offset), severity, path }
    problems.push(mend === undefined ? { ...place, message } : { ...place, message, mend })
  }
  const isSilent = (path: Path) => path.some((_, index) => silent.has(formatPath(path.slice(0, index + 1))))
  const say = (severity: Severity) => (remark: Remark) => {
    if (
      severity === 'error' &&
      wrong.has(formatPath(remark.path)) &&
      remark.at === undefined &&
      remark.also === undefined
    )
      return
    add(severity, offsetOf(source.root, remark), remark)
  }

  return {
    error: say('error'),
    warning: say('warning'),
    note: say('note'),
    errorAt: (offset, remark) => add('error', offset, remark),
    shown: (path) => shown(source.root, path),
    place: (path) => {
      const { line, column } = source.position(offsetOf(source.root, { path, message: '', at: 'key' }))
      return `${file}:${line}:${column}`
    },
    silence: (path) => silent.add(formatPath(path)),
    hide: (value, reference) => {
      if (value.length >= MIN_HIDDEN) hidden.set(value, reference)
    },
    problems: () => problems.map((problem) => withoutSecrets(problem, hidden)).sort(byPlace),
    failed: () => problems.some((problem) => problem.severity === 'error'),
  }
}

/** The value at a path, or the nearest one around it that is there. */
export function find(root: Located | undefined, path: Path): { readonly found?: Located; readonly whole: boolean } {
  let found = root
  for (const part of path) {
    const next = found === undefined ? undefined : child(found, part)
    if (next === undefined) return found === undefined ? { whole: false } : { found, whole: false }
    found = next
  }
  return found === undefined ? { whole: false } : { found, whole: true }
}

function child(located: Located, part: string | number): Located | undefined {
  const { content } = located
  if (content.kind === 'map' && typeof part === 'string') return content.entries.get(part)
  return content.kind === 'list' && typeof part === 'number' ? content.items[part] : undefined
}

/** A missing field is shown at the key of what lacks it. */
function offsetOf(root: Located | undefined, { path, at }: Remark): number {
  const { found, whole } = find(root, path)
  if (found === undefined) return 0
  return at === 'key' || !whole ? (found.keyAt ?? found.at) : found.at
}

function shown(root: Located | undefined, path: Path): string {
  if (path.some((part) => typeof part === 'string' && SECRET.has(part))) return ''
  const { found, whole } = find(root, path)
  const content = whole ? found?.content : undefined
  if (content === undefined) return 'nothing'
  if (content.kind === 'map') return 'a mapping'
  if (content.kind === 'list') return 'a list'
  if (content.value === null || content.value === '') return 'nothing'
  const text = String(content.value)
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``
}

/** The last line of defence: messages are written without values, but another module's error may quote one. */
function withoutSecrets(problem: Problem, hidden: ReadonlyMap<string, string>): Problem {
  let { message, mend } = problem
  const longestFirst = [...hidden].sort(([a], [b]) => b.length - a.length)
  for (const [value, reference] of longestFirst) {
    message = message.replaceAll(value, () => reference)
    mend = mend?.replaceAll(value, () => reference)
  }
  return mend === undefined ? { ...problem, message } : { ...problem, message, mend }
}
