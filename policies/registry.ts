import type { RuleKind } from '#src/core/policy.ts'
import { deny } from './deny/compile.ts'
import { guard } from './guard/compile.ts'
import { label } from './label/compile.ts'
import { limit } from './limit/compile.ts'
import { prefer } from './prefer/compile.ts'
import { redact } from './redact/compile.ts'
import { require } from './require/compile.ts'
import { set } from './set/compile.ts'
import { transfer } from './transfer/compile.ts'
import { verifyServed } from './verify-served/compile.ts'

/** Every kind of rule that this version carries out, by the field that makes a rule one of its kind. */
export const ruleKinds: ReadonlyMap<string, RuleKind> = new Map(
  [deny, require, transfer, prefer, limit, set, redact, guard, label, verifyServed].map((kind) => [kind.field, kind]),
)
