import { loadSource, type Loaded, type LoadOptions } from './load-source.ts'
import { readSource } from './source.ts'

export type { Loaded, LoadOptions }

/** As `loadSource`, of a text (YAML, JSON or JSONC). */
export function loadConfig(text: string, options: LoadOptions): Promise<Loaded> {
  return loadSource(readSource(text, options.file), options)
}
