import type { StateStore } from '#src/core/state-store.ts'

/** What a column takes. Money goes in as decimal text, which an integer column keeps exactly, and comes out by `cast(… as text)`. */
export type SqlValue = string | number | null | Uint8Array

export type SqlRow = Readonly<Record<string, unknown>>

export interface Statement {
  get(...values: SqlValue[]): SqlRow | undefined
  all(...values: SqlValue[]): readonly SqlRow[]
  run(...values: SqlValue[]): unknown
}

/** A SQLite that answers at once: a file on Node, or what a Durable Object keeps. */
export interface Sql {
  /** A statement that is run often. */
  prepare(text: string): Statement
  /** Whole or not at all; nobody else writes meanwhile. */
  step<Result>(run: () => Result): Result
  /** Reads all of it as it was at one moment; others may write meanwhile. */
  read<Result>(run: () => Result): Result
}

type AtOnce<Method> = Method extends (...asked: infer Asked) => infer Answer
  ? (...asked: Asked) => Exclude<Answer, Promise<unknown>>
  : never

/** A store whose steps answer at once. */
export type Local = { readonly [Name in keyof Omit<StateStore, 'durable' | 'close'>]: AtOnce<StateStore[Name]> }
