import type { Snapshot } from '#src/core/snapshot.ts'
import { reportIssues } from './check-shape.ts'
import { compileFile, type Settings } from './compile.ts'
import type { CompileOptions } from './context.ts'
import type { Environment } from './environment.ts'
import type { Problem } from './problem.ts'
import { createReport } from './report.ts'
import { fileSchema } from './schema.ts'
import type { Source } from './source.ts'
import { rawValue, replacedValue } from './values.ts'

export interface LoadOptions extends CompileOptions, Environment {
  /** What a missing environment variable or file is: an error for `serve`, a note for whatever only looks at the file. */
  readonly missing: 'error' | 'note'
  /** What the command line says instead of the file. */
  readonly server?: { readonly host?: string; readonly port?: number }
}

export type Loaded =
  | {
      readonly ok: true
      readonly snapshot: Snapshot
      readonly settings: Settings
      /** Warnings and notes. */ readonly problems: readonly Problem[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/**
 * A configuration file to one compiled configuration, or all its problems at once in the order of the file.
 * Never throws for what the file says; nothing of the environment is in a problem.
 */
export async function loadSource(source: Source, options: LoadOptions): Promise<Loaded> {
  const report = createReport(source, options.file)
  for (const { at, ...remark } of source.problems) report.errorAt(at, remark)
  if (source.root === undefined) return { ok: false, problems: report.problems() }
  const value = replacedValue(source.root, options, { report, missing: options.missing })
  const parsed = fileSchema.safeParse(value)
  if (!parsed.success) reportIssues(parsed.error.issues, report)
  const context = { options, report }
  const input = { raw: rawValue(source.root), value, context }
  const compiled = await compileFile(options.server === undefined ? input : { ...input, server: options.server })
  const problems = report.problems()
  return report.failed() ? { ok: false, problems } : { ok: true, ...compiled, problems }
}
