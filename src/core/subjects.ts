import { subjectOf, type Key } from './key.ts'

/** Some callers; each field is a list of which any will do. */
export interface SubjectsInput {
  readonly keys?: readonly string[] | undefined
  readonly tenants?: readonly string[] | undefined
  readonly teams?: readonly string[] | undefined
  readonly users?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
}

/**
 * Whether something is about a caller: every field of `subjects` must fit. Without `subjects` it is about
 * everybody; with them it is never about a caller without a key.
 */
export function compileSubjects(subjects: SubjectsInput | undefined): (key: Key | undefined) => boolean {
  if (!subjects) return () => true
  const fits = (
    [
      ['keys', (key) => [key.id]],
      ['tenants', ({ tenant }) => [tenant]],
      ['teams', ({ team }) => [team]],
      ['users', ({ user }) => [user]],
      ['tags', ({ tags }) => tags],
    ] as const satisfies readonly [keyof SubjectsInput, (key: Key) => readonly (string | undefined)[]][]
  ).flatMap(([field, of]) => {
    const wanted = subjects[field] && new Set<string | undefined>(subjects[field])
    return wanted ? [(key: Key) => of(key).some((name) => name !== undefined && wanted.has(name))] : []
  })
  return (key) => key !== undefined && fits.every((fit) => fit(subjectOf(key)))
}
