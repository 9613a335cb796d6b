import type { Loaded } from '#src/config/load-source.ts'
import { readSource } from '#src/config/source.ts'
import { loadKnown, type Options } from './assemble.ts'

/** As `loadKnown`, of a text: it brings a parser of YAML, which weighs 10 KB gzip of a worker even where nothing calls it. */
export function load(text: string, options: Options): Promise<Loaded> {
  return loadKnown(readSource(text, options.file), options)
}
