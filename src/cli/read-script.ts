import { parseScript, ScriptError } from '#providers/demo/parse-script.ts'
import type { Script } from '#providers/demo/script.ts'
import { renderProblem } from '#src/config/problem.ts'
import { createReport } from '#src/config/report.ts'
import { readSource } from '#src/config/source.ts'
import { rawValue } from '#src/config/values.ts'

export type ReadScript =
  | { readonly ok: true; readonly script: Script }
  | { readonly ok: false; readonly problems: readonly string[] }

/** A script's file (YAML, JSON or JSONC) as a script, or all its problems as `file:line:col: message`. */
export function readScript(text: string, file: string): ReadScript {
  const source = readSource(text, file)
  const report = createReport(source, file)
  const problems = () => report.problems().map(renderProblem)
  for (const { at, ...remark } of source.problems) report.errorAt(at, remark)
  if (source.root === undefined || report.failed()) return { ok: false, problems: problems() }
  try {
    return { ok: true, script: parseScript(rawValue(source.root)) }
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error
    for (const problem of error.problems) report.error(problem.path.length === 0 ? problem : { ...problem, at: 'key' })
    return { ok: false, problems: problems() }
  }
}
