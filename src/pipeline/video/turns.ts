import type { Track } from './track.ts';

/** Who is looked at in a frame, and who is taken to go on as before. */
export interface Turns {
  looked: ReadonlySet<Track>;
  /** Those who are not looked at, and were in sight when they were last. */
  carried: ReadonlySet<Track>;
  /** At how many places where detectors saw someone there is time to look. */
  looksAtPlaces: number;
}

/**
 * Whose turn it is, where there is no time to look at everyone: those first who may be furthest from where
 * they are taken to be. Since that grows with the time since the last look, and faster by a factor at most
 * for whoever moves most, nobody waits for more than that factor times an even share.
 * @param looks for how many there is time
 * @param hasPlaces whether there are places to be looked at as well: half of the looks at most are for those
 */
export function takeTurns(
  tracks: readonly Track[],
  { looks, hasPlaces, ms }: { looks: number; hasPlaces: boolean; ms: number },
): Turns {
  if (tracks.length <= looks) return { looked: new Set(tracks), carried: new Set(), looksAtPlaces: Infinity };
  const looksAtPlaces = Math.max(1, Math.floor(looks / 2));
  const most = hasPlaces ? Math.max(1, looks - looksAtPlaces) : looks;
  const looked = new Set(
    tracks
      .map((track) => ({ track, urgency: track.urgency(ms) }))
      .toSorted((a, b) => b.urgency - a.urgency)
      .slice(0, most)
      .map(({ track }) => track),
  );
  const carried = tracks.filter((track) => !looked.has(track) && !track.isMissed);
  return { looked, carried: new Set(carried), looksAtPlaces };
}
