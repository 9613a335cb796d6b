// `node bench/in-process.ts`: the figures that need no network, as JSON. run.ts starts it when nothing else runs any more: code and memory of other figures would count.
// `--smoke`: whether it runs.
import { measureMemoryStore } from './figures/memory-store.ts'
import { measureRules } from './figures/rules.ts'
import { measureSpending } from './figures/spending.ts'
import { FULL, SMOKE } from './scale.ts'

const smoke = process.argv.includes('--smoke')
const scale = smoke ? SMOKE : FULL
const checks = [...(await measureSpending(scale)), ...(smoke ? [] : [measureMemoryStore()]), ...measureRules(scale)]
process.stdout.write(JSON.stringify(checks))
