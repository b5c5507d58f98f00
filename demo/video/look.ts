import type { OverlayOptions } from 'body21';

/** How people are drawn over a video and into its file. */
export const LOOK: OverlayOptions = { boxes: false, labels: (person) => String(idOf(person)) };

/** Someone's `track_id`; 0 where they have none. */
export function idOf(person: object): number {
  return 'track_id' in person && typeof person.track_id === 'number' ? person.track_id : 0;
}
