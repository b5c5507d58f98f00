import { count, people } from './format.ts';
import type { Photo } from './state.ts';

/** What there is to say of a photo. */
export interface CountedPhoto {
  readonly status: Photo['status'];
  /** Whom the thresholds let through; `undefined` before there is an answer. */
  readonly people: number | undefined;
}

/** One photo: `2 people`, `nobody`, `not analysed yet`. */
export function outcome({ status, people: found }: CountedPhoto): string {
  if (status === 'failed') return 'could not be analysed';
  return found === undefined ? 'not analysed yet' : people(found);
}

/**
 * The line under a photo's name. What comes first is about that photo; what
 * all photos have together is said as such.
 * @param at which of the photos is on show
 */
export function summary(photos: readonly CountedPhoto[], at: number): string {
  const shown = photos[at];
  if (!shown) return '';
  const isFound = shown.status !== 'failed' && shown.people !== undefined;
  if (photos.length === 1) return isFound ? `Found ${outcome(shown)}.` : '';
  const failed = photos.filter(({ status }) => status === 'failed').length;
  const found = photos.reduce((sum, photo) => sum + (photo.status === 'failed' ? 0 : (photo.people ?? 0)), 0);
  const parts = [
    `Photo ${at + 1} of ${photos.length}: ${outcome(shown)}.`,
    `${count(found, 'person', 'people')} in all.`,
    ...(failed > 0 ? [`${count(failed, 'photo', 'photos')} could not be analysed.`] : []),
  ];
  return parts.join(' ');
}
