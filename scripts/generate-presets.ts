// Writes policies/presets/generated/presets.ts, the rules of every preset as the program carries them (a worker reads no files): `node scripts/generate-presets.ts`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'

const FOLDER = new URL('../policies/presets/', import.meta.url)
const OUT = new URL('generated/presets.ts', FOLDER)

/** The files of all presets, parsed, by name. */
export function readPresets(): ReadonlyMap<string, unknown> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))
  return new Map(
    files
      .toSorted()
      .map((name) => [name.slice(0, -'.yaml'.length), parse(readFileSync(new URL(name, FOLDER), 'utf8'))]),
  )
}

/** The text of the generated table. */
export function presetsText(): string {
  const rules = Object.fromEntries([...readPresets()].map(([name, file]) => [name, rulesOf(file)]))
  const head = '// Written by scripts/generate-presets.ts from the files above.\n'
  return `${head}export const PRESETS = ${JSON.stringify(rules, null, 2)} as const\n`
}

function rulesOf(file: unknown): unknown {
  return typeof file === 'object' && file !== null && 'rules' in file ? file.rules : []
}

if (import.meta.main) writeFileSync(OUT, presetsText())
