import { parse } from 'yaml'

/** A YAML or JSON text as a value; throws with the place of what is wrong. */
export function parseData(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 })
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : 'cannot be read'}`, { cause: error })
  }
}
