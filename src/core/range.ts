import type { Setting } from './conversation.ts'

export interface Range {
  readonly least: number
  readonly most: number
}

/** A setting's value brought into the range that a provider takes; undefined: it is not set. */
export function within(setting: Setting<number> | undefined, range: Range, warnings: string[]): number | undefined {
  if (!setting) return undefined
  const { value, param } = setting
  if (value > range.most) warnings.push(`\`${param}\` was lowered to ${range.most}, the provider's highest`)
  if (value < range.least) warnings.push(`\`${param}\` was raised to ${range.least}, the provider's lowest`)
  return Math.min(Math.max(value, range.least), range.most)
}
