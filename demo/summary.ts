import type { Photo } from './state.ts';
import { words } from './words/words.ts';

/** What there is to say of a photo. */
export interface CountedPhoto {
  readonly status: Photo['status'];
  /** Whom the thresholds let through; `undefined` before there is an answer. */
  readonly people: number | undefined;
}

/** One photo: `2 people`, `nobody`, `not analysed yet`. */
export function outcome({ status, people: found }: CountedPhoto): string {
  if (status === 'failed') return words.photo.failed;
  return found === undefined ? words.photo.notYet : words.people(found);
}

/**
 * The line under a photo's name. What comes first is about that photo; what
 * all photos have together is said as such.
 * @param at which of the photos is on show
 */
export function summary(photos: readonly CountedPhoto[], at: number): string {
  const shown = photos[at];
  if (!shown) return '';
  if (photos.length === 1) {
    return shown.status !== 'failed' && shown.people !== undefined ? words.photo.found(shown.people) : '';
  }
  const failed = photos.filter(({ status }) => status === 'failed').length;
  const found = photos.reduce((sum, photo) => sum + (photo.status === 'failed' ? 0 : (photo.people ?? 0)), 0);
  const parts = [
    words.photo.summary(at + 1, photos.length, outcome(shown), found),
    ...(failed > 0 ? [words.photo.someFailed(failed)] : []),
  ];
  return parts.join(words.between);
}
