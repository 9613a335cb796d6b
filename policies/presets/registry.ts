import type { PresetRule } from '#src/core/policy.ts'
import { PRESETS } from './generated/presets.ts'

/** The rules of every preset, by its name. */
export const presets: ReadonlyMap<string, readonly PresetRule[]> = new Map(Object.entries(PRESETS))
