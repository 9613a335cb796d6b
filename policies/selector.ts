import * as z from 'zod/mini'

const name = z.string().check(z.minLength(1))
const names = z.exactOptional(z.union([name, z.array(name).check(z.minLength(1))]))
const flag = z.exactOptional(z.boolean())

/** The fields of a selector (INTERFACE.md section 2), for every kind of rule that has one. */
export const selectorFields = {
  provider: names,
  operator: names,
  operatorCountry: names,
  region: names,
  developer: names,
  /** `[]` asks for models that come from no other. */
  lineage: z.exactOptional(z.union([name, z.array(name)])),
  family: names,
  model: names,
  license: names,
  local: flag,
  openWeights: flag,
  trainsOnData: flag,
  retainsData: flag,
  derived: flag,
  components: flag,
}
