import { MODELS_DEV, PI_AI } from './generated/models.ts'
import { GENAI_PRICES } from './generated/prices.ts'
import { MAKERS, MARK_LINES, NEUTRAL, RULE_LINES, RULES_SOURCE, START_MARK_LINES } from './identity-rules.ts'
import { GRAPH_LINES } from './lineage-graph.ts'
import { GATEWAY_ROWS, GATEWAY_SOURCE, OWN_ROWS, OWN_SOURCE, RETIRES } from './own-models.ts'
import { HOUSES, VENDORS, VENDORS_SOURCE } from './vendors.ts'
import type { VendorRow } from './vendors.ts'

/** Where a row is from and of which day (ISO date). */
export interface Provenance {
  readonly source: string
  readonly asOf: string
}

/** A source's rows by vendor, a row a line (see table.ts). */
export interface Table extends Provenance {
  readonly vendors: Readonly<Record<string, string>>
}

/** Everything that the catalog knows. Changing any of it changes its version. */
export interface CatalogData {
  readonly vendors: readonly VendorRow[]
  readonly vendorsSource: Provenance
  readonly tables: readonly Table[]
  /** By vendor, then by ISO date: ids separated by spaces. */
  readonly retires: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly rules: string
  readonly marks: string
  readonly startMarks: string
  readonly rulesSource: Provenance
  readonly makers: Readonly<Record<string, string>>
  readonly neutral: readonly string[]
  readonly houses: Readonly<Record<string, string>>
  readonly graph: string
}

export const CATALOG_DATA: CatalogData = {
  vendors: VENDORS,
  vendorsSource: VENDORS_SOURCE,
  tables: [
    { ...OWN_SOURCE, vendors: OWN_ROWS },
    { ...GATEWAY_SOURCE, vendors: GATEWAY_ROWS },
    PI_AI,
    GENAI_PRICES,
    MODELS_DEV,
  ],
  retires: RETIRES,
  rules: RULE_LINES,
  marks: MARK_LINES,
  startMarks: START_MARK_LINES,
  rulesSource: RULES_SOURCE,
  makers: MAKERS,
  neutral: NEUTRAL,
  houses: HOUSES,
  graph: GRAPH_LINES,
}
