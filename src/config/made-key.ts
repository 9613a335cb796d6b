import type { Json } from '#src/core/json.ts'
import type { Key } from '#src/core/key.ts'
import { keyOf } from './compile-keys.ts'
import { readShape } from './read-shape.ts'
import { madeKeySchema, rotationSchema } from './schema.ts'

/** A key that is made while the configuration runs, as one of the file. Throws FailureError 400 with `param`. */
export function readKey(value: Json | undefined): Key {
  return keyOf(readShape(madeKeySchema, value))
}

/** ms, from `{ "overlap": "1h" }` or `{}`. Throws FailureError 400 with `param`. */
export function readOverlap(value: Json | undefined): number {
  return readShape(rotationSchema, value).overlap ?? 0
}
