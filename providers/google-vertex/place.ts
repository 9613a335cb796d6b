import type { Place } from '#src/core/adapter.ts'
import { publisherOf } from './wire.ts'

/**
 * Regions in which Google says that its models' computation stays (Google Cloud, Data residency, ML processing). Of all others it says that there
 * is no guarantee, so nothing is known of them.
 */
const REGIONS: Readonly<Record<string, string>> = {
  'southamerica-east1': 'BR',
  'northamerica-northeast1': 'CA',
  'europe-west9': 'FR',
  'europe-west3': 'DE',
  'europe-west4': 'NL',
  'europe-west2': 'GB',
  'australia-southeast1': 'AU',
  'asia-south1': 'IN',
  'asia-northeast1': 'JP',
  'asia-northeast3': 'KR',
  'asia-southeast1': 'SG',
  us: 'US',
  eu: 'EU',
}

/** Where prompts to this model are processed: the place that is asked, for Google's own models, where Google says so. */
export function placeOf(model: string, { location = '' }: Readonly<Record<string, string>>): Place {
  if (location === 'global') return { region: 'global', roams: true }
  if (publisherOf(model) !== 'google') return { roams: true }
  if (location.startsWith('us-')) return { region: 'US', roams: false }
  const region = Object.hasOwn(REGIONS, location) ? REGIONS[location] : undefined
  return region === undefined ? { roams: true } : { region, roams: false }
}
