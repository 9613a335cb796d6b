import { adapters as own } from '../../providers/registry.ts'
import { narrow } from '../clients/recorded/forms.ts'

/** Stands in the bundle of a worker where `providers/registry.ts` is. */
export const adapters = narrow(own)
