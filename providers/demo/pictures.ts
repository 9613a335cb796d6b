/** Pictures of one pixel, by their format, in base64. */
const PICTURES: Readonly<Record<string, string>> = {
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  jpeg: '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  webp: 'UklGRhIAAABXRUJQVlA4TAYAAAAvQWxvAGs=',
  gif: 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  svg: btoa('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'),
}

/** A picture in base64; an unknown format is a PNG. */
export function pictureOf(format: string): string {
  return (Object.hasOwn(PICTURES, format) ? PICTURES[format] : PICTURES['png']) ?? ''
}
