/**
 * The sample pictures on offer, in order; the page opens with the first. The service worker keeps them all.
 */
export const SAMPLES = [
  { file: 'two.jpg' },
  { file: 'jump.jpg' },
  { file: 'group.webp' },
  { file: 'armsup.jpg' },
  { file: 'sit.jpg' },
  { file: 'two2.jpg' },
] as const;

/** One of {@link SAMPLES}. */
export type Sample = (typeof SAMPLES)[number];

/** A sample's address, relative to the page. */
export function sampleUrl(sample: Sample): string {
  return `samples/${sample.file}`;
}

/** The address of what a sample is offered by; `scripts/sample-thumbnails.ts` makes it. */
export function thumbnailUrl({ file }: Sample): string {
  return `samples/thumbnails/${file.replace(/\.\w+$/, '.webp')}`;
}
