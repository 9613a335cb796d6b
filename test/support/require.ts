import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** What a suite may need of its surroundings. `TUTTI_REQUIRE=redis,workerd,...` names what must be there: absent is then an error. */
export type Requirement = 'redis' | 'workerd' | 'chromium' | 'corpus' | 'llama' | 'registry'

/** The folder beside the project that holds facts, recorded traffic and tools, where there is one. */
export const SHARED = join(import.meta.dirname, '../../../shared')

/** True when a suite has to be skipped; says why at the end of the run. Throws where it must not be. */
export function absent(requirement: Requirement, present: boolean): boolean {
  if (present) return false
  const required = (process.env['TUTTI_REQUIRE'] ?? '').split(',')
  if (required.includes(requirement)) throw new Error(`${requirement} is required here and absent`)
  return true
}

/** Recorded provider traffic. */
export const corpusAbsent = (): boolean => absent('corpus', existsSync(join(SHARED, 'corpus/index.json')))
