/** Where a value stands in the file: keys and indices from the top. */
export type Path = readonly (string | number)[]

export type Severity = 'error' | 'warning' | 'note'

/** One thing to say about a configuration file. Holds no value that came from the environment or from a secret field. */
export interface Problem {
  readonly file: string
  /** Both from 1; the column counts UTF-16 units, as editors do. */
  readonly line: number
  readonly column: number
  readonly severity: Severity
  /** `models.chat.targets[1]`; empty: the file itself. */
  readonly path: string
  readonly message: string
  /** What to write instead, where there is something to say. */
  readonly mend?: string
}

/** A problem as people and editors read it: `file:line:col: message`, and below it how to mend it. */
export function renderProblem(problem: Problem): string {
  return renderAt(`${problem.file}:${problem.line}:${problem.column}`, problem)
}

/** The same of a configuration that is no file: `providers.house.baseUrl: message`. */
export function renderByPath(problem: Problem): string {
  return renderAt(problem.path === '' ? problem.file : problem.path, problem)
}

function renderAt(place: string, { severity, message, mend }: Problem): string {
  const head = `${place}: ${severity === 'error' ? '' : `${severity}: `}${message}`
  return mend === undefined ? head : `${head}\n    ${mend}`
}

/** The order of the file. */
export function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column
}

/** `['models', 'a b', 'targets', 1]` as `models."a b".targets[1]`. */
export function formatPath(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += `${text === '' ? '' : '.'}${isPlain(part) ? part : JSON.stringify(part)}`
  }
  return text
}

function isPlain(name: string): boolean {
  if (name === '') return false
  for (const char of name) if ('."[] \t'.includes(char)) return false
  return true
}
