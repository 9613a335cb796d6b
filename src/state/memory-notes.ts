import type { NoteKind, StateStore } from '#src/core/state-store.ts'

export type Notes = Pick<StateStore, 'notes' | 'note' | 'write' | 'erase'>

/** What operators wrote, in this process. */
export function createMemoryNotes(): Notes {
  const kinds = new Map<NoteKind, Map<string, string>>()
  function of(kind: NoteKind): Map<string, string> {
    const known = kinds.get(kind)
    if (known) return known
    const made = new Map<string, string>()
    kinds.set(kind, made)
    return made
  }
  return {
    notes: (kind) => new Map(of(kind)),
    note: (kind, name) => of(kind).get(name),
    write: (kind, name, value) => void of(kind).set(name, value),
    erase: (kind, name) => of(kind).delete(name),
  }
}
