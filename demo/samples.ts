/**
 * The sample pictures on offer, in order; the page opens with the first. The service worker keeps them all.
 */
export const SAMPLES = [
  { file: 'two.jpg', title: 'Two people' },
  { file: 'jump.jpg', title: 'In the air' },
  { file: 'group.webp', title: 'A group' },
  { file: 'armsup.jpg', title: 'Arms up' },
  { file: 'sit.jpg', title: 'Sitting' },
  { file: 'two2.jpg', title: 'One behind the other' },
] as const;

/** One of {@link SAMPLES}. */
export type Sample = (typeof SAMPLES)[number];

/** A sample's address, relative to the page. */
export function sampleUrl(sample: Sample): string {
  return `samples/${sample.file}`;
}
